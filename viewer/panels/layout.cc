#include "viewer/panels/panels.h"

#include <algorithm>

namespace genba::viewer {

namespace {
constexpr float kListWidth = 430, kInfoWidth = 370, kTimelineHeight = 245;  // [pixel]
}

Layout LayoutFor(int width, int height) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  const float middle = std::max(100.0f, w - kListWidth - kInfoWidth), upper = std::max(100.0f, h - kTimelineHeight);
  return {.scene = {kListWidth, 0, middle, upper},
          .list = {0, 0, kListWidth, h},
          .info = {kListWidth + middle, 0, kInfoWidth, upper},
          .timeline = {kListWidth, upper, middle + kInfoWidth, kTimelineHeight}};
}

void DrawAll(App& app, int width, int height) {
  const Layout layout = LayoutFor(width, height);
  if (app.data) {
    DrawEpisodeList(app, layout.list);
  } else {
    DrawLivePanel(app, layout.list);
  }
  DrawInfo(app, layout.info);
  DrawTimeline(app, layout.timeline);
}

}  // namespace genba::viewer

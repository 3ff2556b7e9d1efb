#include "viewer/app.h"

#include <algorithm>

#include "core/error.h"

namespace genba::viewer {

namespace {

bool Passes(const App& app, const datasets::Episode& header) {
  if (app.only_failed && header.success && header.fault == "none") return false;
  const std::string words =
      header.text + " " + header.language + " " + header.cause + " " + header.order + " " + header.fault;
  return words.find(app.filter) != std::string::npos;
}

}  // namespace

std::vector<int> VisibleEpisodes(const App& app) {
  std::vector<int> rows;
  const auto& headers = app.data->headers();
  for (std::size_t k = 0; k < headers.size(); ++k) {
    if (Passes(app, headers[k])) rows.push_back(static_cast<int>(k));
  }
  const auto key = [&](int k) {
    const datasets::Episode& header = headers[static_cast<std::size_t>(k)];
    return app.sort == SortBy::kLength    ? header.num_steps
           : app.sort == SortBy::kSuccess ? static_cast<int>(header.success)
                                          : k;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](int a, int b) { return app.descending ? key(a) > key(b) : key(a) < key(b); });
  return rows;
}

void SelectEpisode(App& app, int k) {
  app.data->Select(k);
  ShowFrame(app, 0);
}

void ShowFrame(App& app, int frame) {
  app.frame = std::clamp(frame, 0, app.last_frame());
  if (app.data) app.data->scene().Show(app.frame);
}

void Advance(App& app, double seconds) {
  if (!app.playing) return;
  const double period = 1 / app.spec().control_hz();
  app.behind = std::min(app.behind + seconds * static_cast<double>(app.speed),
                        0.5);  // a slow machine plays slowly, it does not jump
  while (app.behind >= period) {
    app.behind -= period;
    if (app.live) {
      app.live->Step();
      app.frame = app.last_frame();
      if (app.live->ended()) app.playing = false;
    } else if (app.frame >= app.last_frame()) {
      app.playing = false;
    } else {
      ShowFrame(app, app.frame + 1);
    }
    if (!app.playing) app.behind = 0;
  }
}

void RestartLive(App& app, std::uint64_t seed_step, bool with_typed_text) {
  LiveConfig config = app.live->config();
  config.seed += seed_step;
  app.message.clear();
  try {
    app.live->Restart(config, with_typed_text ? app.typed_order : "", with_typed_text ? app.typed : "");
  } catch (const Error& error) {
    app.message = error.what();
  }
  app.frame = 0;
  app.behind = 0;
  app.playing = true;
}

}  // namespace genba::viewer

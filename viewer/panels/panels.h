// panels.h - the windows around the scene, one small file each: a panel is a function that draws itself from the App
// and writes what the user did back into it. Called between ImGui::NewFrame and ImGui::Render, on the window's thread.
#pragma once
#include "viewer/app.h"

namespace genba::viewer {

struct Rect {
  float x, y, width, height;  // [pixel], from the top left
};

struct Layout {  // of the whole window
  Rect scene, list, info, timeline;
};
Layout LayoutFor(int width, int height);

void DrawEpisodeList(App& app, const Rect& place);  // data mode
void DrawLivePanel(App& app, const Rect& place);    // live mode
void DrawInfo(App& app, const Rect& place);         // instruction, outcome, facts
void DrawTimeline(App& app, const Rect& place);     // player and plots
void DrawAll(App& app, int width, int height);

}  // namespace genba::viewer

// window.h - the viewer's two ways out: a window on the screen, or one picture of it without a display.
// One thread, which owns the OpenGL context. Failure: Error(kEnvironment) when there is no display or no EGL.
#pragma once
#include <string>
#include <vector>

#include "viewer/app.h"

namespace genba::viewer {

inline constexpr int kWindowWidth = 1600, kWindowHeight = 900;  // [pixel] of a new window and of screenshots
inline constexpr int kScrubWidth = 1280, kScrubHeight = 720;

void RunWindow(App& app);  // until the user closes it; draws when something changed
// [s] each picture took, from moving the cursor until it was drawn, in a window of kScrubWidth × kScrubHeight.
std::vector<double> MeasureScrub(App& app, int num_pictures);
// Live: the same from each character of text being typed until the picture with what is made of it.
std::vector<double> MeasureTyping(App& app, const std::string& text);
sim::Image Screenshot(App& app);  // the same picture, through EGL

}  // namespace genba::viewer

// marks.h - what is written over a scene for people and is no part of its model: which bin is called left, and the
// robot's base frame. Called between mjv_updateScene and mjr_render. Pure but for the scene it adds to; no failure:
// what does not fit the scene any more is left out.
#pragma once
#include <mujoco/mujoco.h>

#include <string>

namespace genba::viewer {

// "left", "middle" or "right", as instructions call it: from the robot's left (+y) to its right. bin: body "bin<bin>".
std::string BinLabel(const mjModel* m, int bin);
void AddMarks(const mjModel* m, mjvScene& scene);

}  // namespace genba::viewer

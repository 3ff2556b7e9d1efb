#include "viewer/marks.h"

#include <array>
#include <cstdio>
#include <vector>

#include "envs/order.h"

namespace genba::viewer {

namespace {

constexpr double kLabelHeight = 0.03, kAxisLength = 0.22, kAxisWidth = 0.006, kAxisHeight = 0.004;  // [m]

std::vector<int> BinBodies(const mjModel* m) {
  std::vector<int> bodies;
  for (int bin = 0;; ++bin) {
    const int body = mj_name2id(m, mjOBJ_BODY, ("bin" + std::to_string(bin)).c_str());
    if (body < 0) return bodies;
    bodies.push_back(body);
  }
}

mjvGeom* NextGeom(mjvScene& scene, int type, const std::array<float, 4>& rgba) {
  if (scene.ngeom >= scene.maxgeom) return nullptr;
  mjvGeom* geom = &scene.geoms[scene.ngeom++];
  mjv_initGeom(geom, type, nullptr, nullptr, nullptr, rgba.data());
  geom->category = mjCAT_DECOR;
  return geom;
}

void AddLabel(mjvScene& scene, const std::array<double, 3>& at, const std::string& text) {
  mjvGeom* geom = NextGeom(scene, mjGEOM_LABEL, {1, 1, 1, 1});
  if (geom == nullptr) return;
  for (std::size_t i = 0; i < 3; ++i) geom->pos[i] = static_cast<float>(at[i]);
  std::snprintf(geom->label, sizeof geom->label, "%s", text.c_str());
}

// The robot's base frame, on the table: x red, y green, z blue.
void AddFrame(mjvScene& scene) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::array<float, 4> rgba{0.1f, 0.1f, 0.1f, 1};
    rgba[axis] = 0.85f;
    const std::array<double, 3> from{0, 0, kAxisHeight};
    std::array<double, 3> to = from;
    to[axis] += kAxisLength;
    if (mjvGeom* arrow = NextGeom(scene, mjGEOM_ARROW, rgba); arrow != nullptr)
      mjv_connector(arrow, mjGEOM_ARROW, kAxisWidth, from.data(), to.data());
    if (axis == 2) continue;  // inside the robot
    to[axis] += 0.02;
    AddLabel(scene, to, axis == 0 ? "x" : "y");
  }
}

}  // namespace

std::string BinLabel(const mjModel* m, int bin) {
  const std::vector<int> bodies = BinBodies(m);
  if (bin < 0 || bin >= static_cast<int>(bodies.size())) return "";
  const auto y_of = [&](int body) { return m->body_pos[3 * body + 1]; };
  int further_left = 0;
  for (const int body : bodies) further_left += y_of(body) > y_of(bodies[static_cast<std::size_t>(bin)]);
  if (further_left >= envs::kNumPlaces) return "";
  return envs::Name(static_cast<envs::PlaceWord>(static_cast<int>(envs::PlaceWord::kLeft) + further_left));
}

void AddMarks(const mjModel* m, mjvScene& scene) {
  AddFrame(scene);
  const std::vector<int> bodies = BinBodies(m);
  for (std::size_t bin = 0; bin < bodies.size(); ++bin) {
    const double* p = m->body_pos + 3 * bodies[bin];
    AddLabel(scene, {p[0], p[1], p[2] + kLabelHeight}, BinLabel(m, static_cast<int>(bin)));
  }
}

}  // namespace genba::viewer

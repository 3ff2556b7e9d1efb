#include "viewer/marks.h"

#include <array>
#include <cstdio>
#include <vector>

#include "envs/order.h"

namespace genba::viewer {

namespace {

constexpr double kLabelHeight = 0.03, kLabelGap = 0.02, kAxisLength = 0.24, kAxisWidth = 0.004;  // [m]

std::vector<int> BinBodies(const mjModel* m) {
  std::vector<int> bodies;
  for (int bin = 0;; ++bin) {
    const int body = mj_name2id(m, mjOBJ_BODY, ("bin" + std::to_string(bin)).c_str());
    if (body < 0) return bodies;
    bodies.push_back(body);
  }
}

using Triple = std::array<double, 3>;

mjvGeom* NextGeom(mjvScene& scene, int type, const Triple& size, const Triple& at, const std::array<float, 4>& rgba) {
  if (scene.ngeom >= scene.maxgeom) return nullptr;
  mjvGeom* geom = &scene.geoms[scene.ngeom++];
  mjv_initGeom(geom, type, size.data(), at.data(), nullptr, rgba.data());
  geom->category = mjCAT_DECOR;
  return geom;
}

void AddLabel(mjvScene& scene, const Triple& at, const std::string& text) {
  mjvGeom* geom = NextGeom(scene, mjGEOM_LABEL, {1, 1, 1}, at, {1, 1, 1, 1});
  if (geom != nullptr) std::snprintf(geom->label, sizeof geom->label, "%s", text.c_str());
}

// The robot's base frame, laid on the table: x red, y green. z is inside the robot.
void AddFrame(mjvScene& scene) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    std::array<float, 4> rgba{0.1f, 0.1f, 0.1f, 1};
    rgba[axis] = 0.85f;
    Triple half{kAxisWidth, kAxisWidth, kAxisWidth / 2}, at{0, 0, kAxisWidth};
    half[axis] = at[axis] = kAxisLength / 2;
    NextGeom(scene, mjGEOM_BOX, half, at, rgba);
    at[axis] = kAxisLength + kLabelGap;
    AddLabel(scene, at, axis == 0 ? "x" : "y");
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

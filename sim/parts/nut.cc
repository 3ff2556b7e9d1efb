// nut.cc - a hexagon nut lying flat: one box across the flats collides, two turned by 60° complete the hexagon, a dark
// disc is the hole.
#include <numbers>

#include "sim/parts/shapes.h"

namespace genba::sim {

void DrawNut(ShapeContext& c) {
  const double across = 0.018, side = across / std::numbers::sqrt3;  // half widths: over the flats, of one side
  c.CollidingBox({0, 0, 0}, {side * 1.6, across, 0.012});
  c.Box({0, 0, 0}, {side, across, 0.0121}, std::numbers::pi / 3, 1);
  c.Box({0, 0, 0}, {side, across, 0.0121}, -std::numbers::pi / 3, 1);
  c.Cylinder({0, 0, -0.0125}, {0, 0, 0.0125}, 0.009, 0.12);
}

}  // namespace genba::sim

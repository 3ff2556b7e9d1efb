// gear.cc - a spur gear lying flat: the disc collides, four bars drawn across it are its teeth, the hub stands out on
// top.
#include <numbers>

#include "sim/parts/shapes.h"

namespace genba::sim {

void DrawGear(ShapeContext& c) {
  c.CollidingCylinder({0, 0, -0.010}, {0, 0, 0.010}, 0.024);
  for (int i = 0; i < 4; ++i) {
    c.Box({0, 0, 0}, {0.0275, 0.0035, 0.0092}, i * std::numbers::pi / 4 + std::numbers::pi / 8, 0.85);
  }
  c.Cylinder({0, 0, 0.0}, {0, 0, 0.0105}, 0.010, 0.35);
}

}  // namespace genba::sim

// bolt.cc - a hexagon-head bolt lying on its side: the head towards -x, the shank along +x, flats keep it from rolling.
#include "sim/parts/shapes.h"

namespace genba::sim {

void DrawBolt(ShapeContext& c) {
  c.CollidingBox({-0.026, 0, 0}, {0.008, 0.0155, 0.0125});
  c.CollidingBox({0.008, 0, 0}, {0.026, 0.010, 0.0125});
  for (int i = 0; i < 4; ++i) {  // thread
    const double x = 0.008 + 0.007 * i;
    c.Cylinder({x, 0, 0}, {x + 0.003, 0, 0}, 0.0131, 0.75);
  }
}

}  // namespace genba::sim

// shapes.h - how each part shape draws itself: the inside of part.cc. A shape adds at most kPartGeoms geoms to the
// body, colliding ones first (at most kPartCollisionGeoms; the rest are drawn), and tells its size. To add a shape: one
// file, one row in part.cc.
#pragma once
#include <Eigen/Core>

#include "sim/parts/part.h"

namespace genba::sim {

struct ShapeContext {  // what a shape's Draw writes to
  mjsBody* body;
  double size;  // scale of all lengths
  Rgba rgba;
  double friction;
  int num_collision = 0;  // written so far
  int num_drawn = 0;

  // Adds one colliding (also drawn) or one drawn box or cylinder, lengths at size 1, in the body frame.
  void CollidingBox(const Eigen::Vector3d& centre, const Eigen::Vector3d& half);
  void CollidingCylinder(const Eigen::Vector3d& from, const Eigen::Vector3d& to, double radius);
  void Box(const Eigen::Vector3d& centre, const Eigen::Vector3d& half, double yaw, double shade);
  void Cylinder(const Eigen::Vector3d& from, const Eigen::Vector3d& to, double radius, double shade);
};

struct ShapeInfo {
  Eigen::Vector3d half;  // [m] half extents at size 1
  double grasp_width;    // [m] along body y at size 1
  double mass;           // [kg] at size 1
  void (*draw)(ShapeContext& context);
};

void DrawBolt(ShapeContext& context);
void DrawNut(ShapeContext& context);
void DrawGear(ShapeContext& context);

}  // namespace genba::sim

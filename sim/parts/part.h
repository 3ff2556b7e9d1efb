// part.h - the things a robot picks: a free body made of a few primitives. One file per shape (bolt, nut,
// gear) draws it. Called by CellBuilder. Every part has kPartGeoms geoms whatever its shape, so that all
// cells have equal sizes; the first kPartCollisionGeoms may collide, the rest are drawn only; what a shape
// does not use is a speck inside it. Body frame: centre of mass, z up as the part lies on the table, x along
// its length; grasp across y.
#pragma once
#include <mujoco/mujoco.h>

#include <Eigen/Core>
#include <cstdint>
#include <string>

#include "sim/parts/vocabulary.h"
#include "sim/spec_tools.h"

namespace genba::sim {

inline constexpr int kPartGeoms = 7;
inline constexpr int kPartCollisionGeoms = 2;
inline constexpr double kPartSizeMin = 0.85;
inline constexpr double kPartSizeMax = 1.15;

struct PartSpec {
  bool present = true;  // absent: parked under the floor, invisible, without contacts
  PartShape shape = PartShape::kBolt;
  PartColour colour = PartColour::kRed;
  double size = 1.0;                                   // scale of all lengths, kPartSizeMin … kPartSizeMax
  double density_scale = 1.0;                          // mass = nominal mass · size³ · density_scale
  double friction = 0.8;                               // sliding, against fixtures and parts (the pads have their own)
  Eigen::Vector2d position = Eigen::Vector2d::Zero();  // of the centre on the table, world [m]
  double yaw = 0;                                      // [rad]
};

Rgba PartRgba(PartColour colour);

// Half extents [m] of the box around the part in its body frame; half.z() is also the resting height of the
// centre.
Eigen::Vector3d PartHalfSize(PartShape shape, double size);
double PartGraspWidth(PartShape shape, double size);  // [m] what the fingers close on, along body y
double PartMass(const PartSpec& part);                // [kg]

// Adds body "part<index>" with free joint "part<index>_free".
void AddPart(mjSpec* spec, const PartSpec& part, int index);

}  // namespace genba::sim

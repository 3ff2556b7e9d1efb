// spec_tools.h - the few shorthand functions with which robots, tools, fixtures and parts write themselves into an mjSpec.
// Every number goes through Exact(): it then survives the XML writer's six digits bit for bit, which is what lets a
// stored scene replay. Called by the files of robots/, tools/, fixtures/, parts/ only. Pure; any thread, one spec each.
#pragma once
#include <mujoco/mujoco.h>

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <array>
#include <string>

namespace genba::sim {

struct Rgba {
  float r = 1, g = 1, b = 1, a = 1;
};

// The double nearest to value that six significant digits of text give back exactly.
double Exact(double value);
// A unit quaternion (w, x, y, z) that normalising and printing leave as it is.
std::array<double, 4> ExactQuaternion(const Eigen::Quaterniond& q);

// What a geom may touch. Two geoms collide when one's type is among the other's partners; static against static never.
enum class Collision {
  kNone,      // drawn only
  kFixture,   // table, bins, floor: touches parts, tool and arm
  kPart,      // touches fixtures, other parts, tool
  kTool,      // fingers and palm: touches fixtures and parts
  kArm,       // links: touches fixtures
};

struct GeomStyle {
  Rgba rgba;
  Collision collision = Collision::kNone;
  const char* material = nullptr;  // a material of the cell: "metal", "plastic", "rubber", "bench", "floor"
};

// Shapes on a body, massless (every body gets explicit inertia). Sizes are MuJoCo's half sizes [m].
mjsGeom* AddBox(mjsBody* body, const std::string& name, const Eigen::Vector3d& centre, const Eigen::Vector3d& half,
                const GeomStyle& style);
mjsGeom* AddCylinder(mjsBody* body, const std::string& name, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                     double radius, const GeomStyle& style);
mjsGeom* AddCapsule(mjsBody* body, const std::string& name, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                    double radius, const GeomStyle& style);
void SetPose(mjsBody* body, const Eigen::Vector3d& position, const Eigen::Quaterniond& orientation);
// Centre of mass at position, principal axes along the body's.
void SetInertia(mjsBody* body, double mass, const Eigen::Vector3d& position, const Eigen::Vector3d& diagonal);

}  // namespace genba::sim

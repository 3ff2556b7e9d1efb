// spec_tools.h - the few shorthand functions with which robots, tools, fixtures and parts write themselves
// into an mjSpec. Called by the files of robots/, tools/, fixtures/, parts/ and CellBuilder only. Pure; any
// thread, one spec each. Nothing here fails: what MuJoCo does not accept is said by the compiler in
// CellBuilder::Build.
#pragma once
#include <mujoco/mujoco.h>

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <string>

namespace genba::sim {

struct Rgba {
  float r = 1, g = 1, b = 1, a = 1;
};

// What a geom may touch. Two geoms collide when one's type is among the other's partners; static against
// static never.
enum class Collision {
  kNone,     // drawn only
  kFixture,  // table, bins, floor: touches parts, tool and arm
  kPart,     // touches fixtures, other parts, tool, arm
  kTool,     // fingers and palm: touches fixtures and parts
  kArm,      // links: touches fixtures and parts
  kNothing,  // counts as a colliding geom in the model's sizes, touches nothing
};

struct GeomStyle {
  Rgba rgba;
  Collision collision = Collision::kNone;
  const char* material = nullptr;  // a material of the cell: "metal", "plastic", "rubber", "bench", "part"
};

// Declares the classes of Collision as defaults of the spec, before any shape: they keep the scene's text short, and
// writing and reading that text is most of what a new scene costs.
void AddGeomClasses(mjSpec* spec);

// Shapes on a body, massless (every body gets explicit inertia). Sizes are MuJoCo's half sizes [m].
// orientation turns the box in the body's frame.
mjsGeom* AddBox(mjsBody* body, const std::string& name, const Eigen::Vector3d& centre, const Eigen::Vector3d& half,
                const GeomStyle& style, const Eigen::Quaterniond& orientation = Eigen::Quaterniond::Identity());
mjsGeom* AddCylinder(mjsBody* body, const std::string& name, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                     double radius, const GeomStyle& style);
mjsGeom* AddCapsule(mjsBody* body, const std::string& name, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                    double radius, const GeomStyle& style);
// An invisible grain that only counts in the model's sizes: kNone as a drawn geom, kNothing as a colliding one.
mjsGeom* AddSpeck(mjsBody* body, Collision collision);
mjsBody* AddBody(mjsBody* parent, const std::string& name, const Eigen::Vector3d& position,
                 const Eigen::Quaterniond& orientation = Eigen::Quaterniond::Identity());
void SetPose(mjsBody* body, const Eigen::Vector3d& position, const Eigen::Quaterniond& orientation);
// Centre of mass at position, principal axes along the body's.
void SetInertia(mjsBody* body, double mass, const Eigen::Vector3d& position, const Eigen::Vector3d& diagonal);
// tensor: about the centre of mass, along the body's axes.
void SetInertiaTensor(mjsBody* body, double mass, const Eigen::Vector3d& position, const Eigen::Matrix3d& tensor);

}  // namespace genba::sim

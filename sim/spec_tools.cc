#include "sim/spec_tools.h"

#include <algorithm>
#include <array>

#include "core/error.h"

namespace genba::sim {

namespace {

constexpr int kFixtureBit = 1, kPartBit = 2, kToolBit = 4, kArmBit = 8, kNobodysBit = 16;
constexpr int kTouchable = 1, kDrawnOnly = 2;  // groups of geoms, as MuJoCo's tools show and hide them

struct CollisionClass {
  const char* name;
  int type, affinity, group;
};
constexpr double kSpeckSize = 1e-4;  // [m] half size
const char* const kDrawnSpeck = "speck";
constexpr std::array<CollisionClass, 6> kCollisionClasses{
    {{"drawn", 0, 0, kDrawnOnly},  // in the order of Collision
     {"fixture", kFixtureBit, kPartBit | kToolBit | kArmBit, kTouchable},
     {"part", kPartBit, kFixtureBit | kPartBit | kToolBit | kArmBit, kTouchable},
     {"tool", kToolBit, kFixtureBit | kPartBit, kTouchable},
     {"arm", kArmBit, kFixtureBit | kPartBit, kTouchable},
     {"nothing", kNobodysBit, 0, kDrawnOnly}}};

void Copy3(const Eigen::Vector3d& from, double* to) {
  for (int i = 0; i < 3; ++i) to[i] = from[i];
}

void CopyQuaternion(const Eigen::Quaterniond& q, double* to) {
  to[0] = q.w(), to[1] = q.x(), to[2] = q.y(), to[3] = q.z();
}

const CollisionClass& ClassOf(Collision collision) { return kCollisionClasses[static_cast<std::size_t>(collision)]; }

mjsGeom* AddGeomOfClass(mjsBody* body, const char* name) {
  const mjsDefault* geom_class = mjs_findDefault(mjs_getSpec(body->element), name);
  GENBA_CHECK(geom_class != nullptr, "AddGeomClasses comes first");
  return mjs_addGeom(body, geom_class);
}

mjsGeom* AddGeom(mjsBody* body, const std::string& name, mjtGeom type, const GeomStyle& style) {
  mjsGeom* geom = AddGeomOfClass(body, ClassOf(style.collision).name);
  if (!name.empty()) mjs_setName(geom->element, name.c_str());
  geom->type = type;
  geom->rgba[0] = style.rgba.r, geom->rgba[1] = style.rgba.g, geom->rgba[2] = style.rgba.b,
  geom->rgba[3] = style.rgba.a;
  if (style.material != nullptr) mjs_setString(geom->material, style.material);
  return geom;
}

// A shape along the line from → to: centre, half length, and the turn of z onto the line.
mjsGeom* AddAlong(mjsBody* body, const std::string& name, mjtGeom type, const Eigen::Vector3d& from,
                  const Eigen::Vector3d& to, double radius, const GeomStyle& style) {
  mjsGeom* geom = AddGeom(body, name, type, style);
  Copy3((from + to) / 2, geom->pos);
  CopyQuaternion(Eigen::Quaterniond::FromTwoVectors(Eigen::Vector3d::UnitZ(), to - from), geom->quat);
  geom->size[0] = radius;
  geom->size[1] = (to - from).norm() / 2;
  return geom;
}

}  // namespace

void AddGeomClasses(mjSpec* spec) {
  const auto declare = [spec](const char* name, const CollisionClass& collision) {
    mjsGeom* geom = mjs_addDefault(spec, name, nullptr)->geom;
    geom->contype = collision.type;
    geom->conaffinity = collision.affinity;
    geom->group = collision.group;
    return geom;
  };
  const auto declare_speck = [&](const char* name, Collision collision) {
    mjsGeom* geom = declare(name, ClassOf(collision));
    geom->type = mjGEOM_BOX;
    for (int i = 0; i < 3; ++i) geom->size[i] = kSpeckSize;
    for (int i = 0; i < 4; ++i) geom->rgba[i] = 0;
  };
  for (const Collision collision :
       {Collision::kNone, Collision::kFixture, Collision::kPart, Collision::kTool, Collision::kArm}) {
    declare(ClassOf(collision).name, ClassOf(collision));
  }
  declare_speck(kDrawnSpeck, Collision::kNone);
  declare_speck(ClassOf(Collision::kNothing).name, Collision::kNothing);
}

mjsGeom* AddSpeck(mjsBody* body, Collision collision) {
  GENBA_CHECK(collision == Collision::kNone || collision == Collision::kNothing, "a speck touches nothing");
  return AddGeomOfClass(body, collision == Collision::kNone ? kDrawnSpeck : ClassOf(collision).name);
}

mjsGeom* AddBox(mjsBody* body, const std::string& name, const Eigen::Vector3d& centre, const Eigen::Vector3d& half,
                const GeomStyle& style, const Eigen::Quaterniond& orientation) {
  mjsGeom* geom = AddGeom(body, name, mjGEOM_BOX, style);
  Copy3(centre, geom->pos);
  Copy3(half, geom->size);
  CopyQuaternion(orientation, geom->quat);
  return geom;
}

mjsGeom* AddCylinder(mjsBody* body, const std::string& name, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                     double radius, const GeomStyle& style) {
  return AddAlong(body, name, mjGEOM_CYLINDER, from, to, radius, style);
}

mjsGeom* AddCapsule(mjsBody* body, const std::string& name, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                    double radius, const GeomStyle& style) {
  return AddAlong(body, name, mjGEOM_CAPSULE, from, to, radius, style);
}

mjsBody* AddBody(mjsBody* parent, const std::string& name, const Eigen::Vector3d& position,
                 const Eigen::Quaterniond& orientation) {
  mjsBody* body = mjs_addBody(parent, nullptr);
  mjs_setName(body->element, name.c_str());
  SetPose(body, position, orientation);
  return body;
}

void SetPose(mjsBody* body, const Eigen::Vector3d& position, const Eigen::Quaterniond& orientation) {
  Copy3(position, body->pos);
  CopyQuaternion(orientation, body->quat);
}

void SetInertia(mjsBody* body, double mass, const Eigen::Vector3d& position, const Eigen::Vector3d& diagonal) {
  body->explicitinertial = 1;
  body->mass = mass;
  Copy3(position, body->ipos);
  Copy3(diagonal, body->inertia);
}

void SetInertiaTensor(mjsBody* body, double mass, const Eigen::Vector3d& position, const Eigen::Matrix3d& tensor) {
  body->explicitinertial = 1;
  body->mass = mass;
  Copy3(position, body->ipos);
  const std::array<double, 6> full{tensor(0, 0), tensor(1, 1), tensor(2, 2), tensor(0, 1), tensor(0, 2), tensor(1, 2)};
  std::copy(full.begin(), full.end(), body->fullinertia);
}

}  // namespace genba::sim

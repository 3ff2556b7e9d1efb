#include "sim/spec_tools.h"

namespace genba::sim {

namespace {

struct Bits {
  int type;
  int affinity;
};

Bits CollisionBits(Collision collision) {
  constexpr int kFixtureBit = 1, kPartBit = 2, kToolBit = 4, kArmBit = 8, kNobodysBit = 16;
  switch (collision) {
    case Collision::kNone: return {0, 0};
    case Collision::kFixture: return {kFixtureBit, kPartBit | kToolBit | kArmBit};
    case Collision::kPart: return {kPartBit, kFixtureBit | kPartBit | kToolBit};
    case Collision::kTool: return {kToolBit, kFixtureBit | kPartBit};
    case Collision::kArm: return {kArmBit, kFixtureBit};
    case Collision::kNothing: return {kNobodysBit, 0};
  }
  return {0, 0};
}

void Copy3(const Eigen::Vector3d& from, double* to) {
  for (int i = 0; i < 3; ++i) to[i] = from[i];
}

void CopyQuaternion(const Eigen::Quaterniond& q, double* to) {
  to[0] = q.w(), to[1] = q.x(), to[2] = q.y(), to[3] = q.z();
}

mjsGeom* AddGeom(mjsBody* body, const std::string& name, mjtGeom type, const GeomStyle& style) {
  mjsGeom* geom = mjs_addGeom(body, nullptr);
  if (!name.empty()) mjs_setName(geom->element, name.c_str());
  geom->type = type;
  const Bits bits = CollisionBits(style.collision);
  geom->contype = bits.type;
  geom->conaffinity = bits.affinity;
  geom->group = style.collision == Collision::kNone || style.collision == Collision::kNothing ? 2 : 1;
  geom->rgba[0] = style.rgba.r, geom->rgba[1] = style.rgba.g, geom->rgba[2] = style.rgba.b, geom->rgba[3] = style.rgba.a;
  if (style.material != nullptr) mjs_setString(geom->material, style.material);
  return geom;
}

// A shape along the line from → to: centre, half length, and the turn of z onto the line.
mjsGeom* AddAlong(mjsBody* body, const std::string& name, mjtGeom type, const Eigen::Vector3d& from, const Eigen::Vector3d& to,
                  double radius, const GeomStyle& style) {
  mjsGeom* geom = AddGeom(body, name, type, style);
  Copy3((from + to) / 2, geom->pos);
  CopyQuaternion(Eigen::Quaterniond::FromTwoVectors(Eigen::Vector3d::UnitZ(), to - from), geom->quat);
  geom->size[0] = radius;
  geom->size[1] = (to - from).norm() / 2;
  return geom;
}

}  // namespace

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

mjsBody* AddBody(mjsBody* parent, const std::string& name, const Eigen::Vector3d& position, const Eigen::Quaterniond& orientation) {
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

}  // namespace genba::sim

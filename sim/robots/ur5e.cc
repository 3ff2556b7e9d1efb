#include "sim/robots/ur5e.h"

#include <Eigen/Geometry>
#include <numbers>
#include <string>

#include "sim/spec_tools.h"

namespace genba::sim {

namespace {

using Eigen::AngleAxisd;
using Eigen::Quaterniond;
using Eigen::Vector3d;
constexpr double kPi = std::numbers::pi;

// Maker's Denavit-Hartenberg table of the UR5e: d1, a2, a3, d4, d5, d6 [m]. Link frames here are the table's own, so
// that joint angles are the controller's. The base is turned by half a turn: at pan 0 the arm reaches along world +x.
constexpr double kD1 = 0.1625, kA2 = -0.425, kA3 = -0.3922, kD4 = 0.1333, kD5 = 0.0997, kD6 = 0.0996;
// Maker's joint speeds and torques are in the header; servo gains are ours: damping ratio 0.8 at the largest inertia an
// arm joint sees (4 kg·m²), more elsewhere; they follow a moving target 35 ms behind, and the integrator holds them at
// 5 ms.
struct Joint {
  double kp, kv;    // [N·m/rad], [N·m·s/rad]
  double armature;  // [kg·m²] of the gear side
};
constexpr std::array<Joint, kArmJoints> kServo{
    {{8000, 300, 0.20}, {8000, 300, 0.20}, {6000, 200, 0.15}, {2000, 60, 0.08}, {2000, 60, 0.08}, {1500, 40, 0.06}}};

const GeomStyle kLink{{0.83f, 0.85f, 0.87f, 1}, Collision::kArm, "metal"};
const GeomStyle kCap{{0.25f, 0.52f, 0.75f, 1}, Collision::kNone, "plastic"};

// Maker's dynamics (Universal_Robots_ROS2_Description, config/ur5e/physical_parameters.yaml): mass, centre of mass, and
// the tensor about it in a frame turned about the link's x by roll. The maker's link frames are those used here, but
// for the origins of shoulder and wrists, which it puts one d along z.
struct LinkDynamics {
  double mass;  // [kg]
  Vector3d centre;
  double roll;
  double xx, xy, xz, yy, yz, zz;  // [kg·m²]
};
const std::array<LinkDynamics, kArmJoints> kDynamics{
    {{3.761,
      {0, -0.00193, kD1 - 0.02561},
      kPi / 2,
      0.00700210,
      0.00000073,
      -0.00001053,
      0.00648091,
      0.00049994,
      0.00657286},
     {8.058, {-0.2125, 0, 0.11336}, 0, 0.01505885, -0.00005400, 0.00000563, 0.33388086, -0.00000181, 0.33247207},
     {2.846, {-0.2422, 0, 0.0265}, 0, 0.00399632, -0.00001365, 0.00137272, 0.07879254, -0.00000660, 0.07848510},
     {1.37,
      {0, -0.01634, kD4 - 0.0018},
      kPi / 2,
      0.00165491,
      -0.00000282,
      -0.00000438,
      0.00135962,
      0.00010157,
      0.00126279},
     {1.3,
      {0, 0.01634, kD5 - 0.0018},
      -kPi / 2,
      0.00135617,
      -0.00000274,
      0.00000444,
      0.00127827,
      -0.00005048,
      0.00096614},
     {0.365, {0, 0, kD6 - 0.001159}, 0, 0.00018694, 0.00000006, -0.00000017, 0.00018908, -0.00000092, 0.00025756}}};

void SetDynamics(mjsBody* link, int joint) {
  const LinkDynamics& link_data = kDynamics[static_cast<std::size_t>(joint)];
  Eigen::Matrix3d tensor;
  tensor << link_data.xx, link_data.xy, link_data.xz,  //
      link_data.xy, link_data.yy, link_data.yz,        //
      link_data.xz, link_data.yz, link_data.zz;
  const Eigen::Matrix3d R = AngleAxisd(link_data.roll, Vector3d::UnitX()).toRotationMatrix();
  SetInertiaTensor(link, link_data.mass, link_data.centre, R * tensor * R.transpose());
}

// One revolute link: the joint turns about the frame's z; at qpos0 (home) the body stands turned by home, so the body's
// own pose carries that turn.
mjsBody* AddLink(mjSpec* spec, mjsBody* parent, int joint, const Vector3d& position, const Quaterniond& frame) {
  const auto j = static_cast<std::size_t>(joint);
  static constexpr std::array<const char*, kArmJoints> kBodies{"shoulder", "upper_arm", "forearm",
                                                               "wrist_1",  "wrist_2",   "wrist_3"};
  const double home = Ur5eHome()[j];
  mjsBody* body = AddBody(parent, kBodies[j], position, frame * Quaterniond(AngleAxisd(home, Vector3d::UnitZ())));
  body->gravcomp = 1;  // the real controller compensates gravity
  SetDynamics(body, joint);

  mjsJoint* hinge = mjs_addJoint(body, nullptr);
  mjs_setName(hinge->element, kUr5eJointNames[j]);
  hinge->type = mjJNT_HINGE;
  hinge->axis[0] = 0, hinge->axis[1] = 0, hinge->axis[2] = 1;
  hinge->ref = home;
  hinge->limited = mjLIMITED_TRUE;
  hinge->range[0] = -kUr5eRange[j];
  hinge->range[1] = kUr5eRange[j];
  hinge->armature = kServo[j].armature;

  mjsActuator* servo = mjs_addActuator(spec, nullptr);
  mjs_setName(servo->element, kUr5eJointNames[j]);
  servo->trntype = mjTRN_JOINT;
  mjs_setString(servo->target, kUr5eJointNames[j]);
  double kv = kServo[j].kv;
  mjs_setToPosition(servo, kServo[j].kp, &kv, nullptr, nullptr, 0);
  servo->ctrllimited = mjLIMITED_TRUE;
  servo->ctrlrange[0] = -kUr5eRange[j];
  servo->ctrlrange[1] = kUr5eRange[j];
  servo->forcelimited = mjLIMITED_TRUE;
  servo->forcerange[0] = -kUr5eTorque[j];
  servo->forcerange[1] = kUr5eTorque[j];
  return body;
}

void AddBase(mjSpec* spec) {
  mjsBody* base = AddBody(mjs_findBody(spec, "world"), "base", Vector3d::Zero());
  AddCylinder(base, "base_0", {0, 0, 0.001}, {0, 0, 0.055}, 0.075, kLink);
  AddCylinder(base, "base_1", {0, 0, 0.055}, {0, 0, 0.085}, 0.062,
              {{0.35f, 0.37f, 0.40f, 1}, Collision::kNone, "metal"});
}

}  // namespace

const std::array<const char*, kArmJoints> kUr5eJointNames{"shoulder_pan", "shoulder_lift", "elbow",
                                                          "wrist_1",      "wrist_2",       "wrist_3"};

std::array<double, kArmJoints> Ur5eHome() { return {-0.32297, -1.79241, 1.8243, -1.60269, -1.5708, -1.89376}; }

mjsBody* AddUr5e(mjSpec* spec) {
  AddBase(spec);
  const Quaterniond about_x(AngleAxisd(kPi / 2, Vector3d::UnitX()));
  const Quaterniond half_turn(AngleAxisd(kPi, Vector3d::UnitZ()));

  mjsBody* shoulder = AddLink(spec, mjs_findBody(spec, "world"), 0, Vector3d::Zero(), half_turn);
  AddCapsule(shoulder, "shoulder_0", {0, 0, 0.10}, {0, 0, 0.16}, 0.060, kLink);
  AddCylinder(shoulder, "shoulder_cap", {0, 0.0, 0.1625}, {0, 0.066, 0.1625}, 0.052, kCap);

  // The upper arm runs beside the joint plane, as on the real arm: 0.1333 m to the side, back by as much at the elbow.
  mjsBody* upper_arm = AddLink(spec, shoulder, 1, {0, 0, kD1}, about_x);
  AddCapsule(upper_arm, "upper_arm_0", {0, 0, 0.06}, {0, 0, 0.13}, 0.058, kLink);
  AddCapsule(upper_arm, "upper_arm_1", {0, 0, 0.13}, {kA2, 0, 0.13}, 0.050, kLink);
  AddCylinder(upper_arm, "upper_arm_cap", {0, 0, 0.13}, {0, 0, 0.198}, 0.050, kCap);

  mjsBody* forearm = AddLink(spec, upper_arm, 2, {kA2, 0, 0}, Quaterniond::Identity());
  AddCapsule(forearm, "forearm_0", {0, 0, 0.12}, {0, 0, 0.02}, 0.050, kLink);
  AddCapsule(forearm, "forearm_1", {0, 0, 0.01}, {kA3, 0, 0.01}, 0.040, kLink);
  AddCylinder(forearm, "forearm_cap", {0, 0, 0.02}, {0, 0, -0.048}, 0.046, kCap);

  mjsBody* wrist_1 = AddLink(spec, forearm, 3, {kA3, 0, 0}, Quaterniond::Identity());
  AddCapsule(wrist_1, "wrist_1_0", {0, 0, 0.05}, {0, 0, kD4}, 0.040, kLink);

  mjsBody* wrist_2 = AddLink(spec, wrist_1, 4, {0, 0, kD4}, about_x);
  AddCapsule(wrist_2, "wrist_2_0", {0, 0, 0.03}, {0, 0, kD5}, 0.040, kLink);
  AddCylinder(wrist_2, "wrist_2_cap", {0, 0, -0.045}, {0, 0, 0.0}, 0.038, kCap);

  mjsBody* wrist_3 = AddLink(spec, wrist_2, 5, {0, 0, kD5}, about_x.inverse());
  AddCylinder(wrist_3, "wrist_3_0", {0, 0, 0.045}, {0, 0, kD6}, 0.036, kLink);

  mjsBody* flange = AddBody(wrist_3, "flange", {0, 0, kD6});
  SetInertia(flange, 0.02, Vector3d::Zero(), Vector3d::Constant(1e-5));
  flange->gravcomp = 1;
  return flange;
}

}  // namespace genba::sim

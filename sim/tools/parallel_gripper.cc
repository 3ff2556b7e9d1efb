#include "sim/tools/parallel_gripper.h"

#include <string>

#include "sim/spec_tools.h"

namespace genba::sim {

namespace {

using Eigen::Vector3d;

constexpr double kPadTop = 0.105;    // [m] flange to where the pads begin
constexpr double kPadTip = 0.150;    // [m] flange to the fingertip, 5 mm past the TCP
constexpr double kPadHalfX = 0.011;  // [m]
constexpr double kPadHalfY = 0.004;  // [m] thickness / 2

// Pads win over the part's own contact settings (priority): rubber on metal, with torsion (condim 4). Contacts as hard
// as the step can resolve (solref far under it): what still slips is the arc of the tool within a step, at 0.24 m/s less
// than a millimetre a carry. solimp is the stiff one that Menagerie's two-finger gripper found to hold.
void AddPad(mjsBody* finger, const std::string& name, double z_from, double z_to, int side, double friction) {
  const Vector3d centre(0, side * kPadHalfY, (z_from + z_to) / 2);
  mjsGeom* pad = AddBox(finger, name, centre, {kPadHalfX, kPadHalfY, (z_to - z_from) / 2},
                        {{0.16f, 0.16f, 0.18f, 1}, Collision::kTool, "rubber"});
  pad->condim = 4;
  pad->priority = 1;
  pad->friction[0] = friction, pad->friction[1] = 0.01, pad->friction[2] = 0.0001;
  pad->solref[0] = 0.0002, pad->solref[1] = 1;
  pad->solimp[0] = 0.95, pad->solimp[1] = 0.99, pad->solimp[2] = 0.001;
}

// side +1: left, towards +y. The slide is at 0 when the fingers touch; the finger's frame is the gripper's.
void AddFinger(mjsBody* gripper, const std::string& side_name, int side, double pad_friction) {
  mjsBody* finger = AddBody(gripper, "finger_" + side_name, {0, side * kGripperOpening / 2, 0});
  finger->gravcomp = 1;
  SetInertia(finger, 0.10, {0, side * 0.008, 0.10}, {8e-5, 7e-5, 2e-5});
  mjsJoint* slide = mjs_addJoint(finger, nullptr);
  mjs_setName(slide->element, ("finger_" + side_name).c_str());
  slide->type = mjJNT_SLIDE;
  slide->axis[0] = 0, slide->axis[1] = side, slide->axis[2] = 0;
  slide->ref = kGripperOpening / 2;
  slide->limited = mjLIMITED_TRUE;
  slide->range[0] = 0, slide->range[1] = kGripperOpening / 2;
  slide->armature = 0.05;
  slide->damping[0] = 5;

  const GeomStyle steel{{0.55f, 0.57f, 0.60f, 1}, Collision::kTool, "metal"};
  AddBox(finger, "", {0, side * 0.016, 0.085}, {0.010, 0.008, 0.022}, steel);
  AddBox(finger, "", {0, side * 0.012, 0.125}, {0.009, 0.004, 0.022}, steel);
  const double middle = (kPadTop + kPadTip) / 2;
  AddPad(finger, "pad_" + side_name + "0", kPadTop, middle, side, pad_friction);
  AddPad(finger, "pad_" + side_name + "1", middle, kPadTip, side, pad_friction);
}

void AddDrive(mjSpec* spec) {
  mjsTendon* opening = mjs_addTendon(spec, nullptr);
  mjs_setName(opening->element, "opening");
  mjs_wrapJoint(opening, "finger_left", 1);
  mjs_wrapJoint(opening, "finger_right", 1);

  mjsActuator* servo = mjs_addActuator(spec, nullptr);
  mjs_setName(servo->element, "gripper");
  servo->trntype = mjTRN_TENDON;
  mjs_setString(servo->target, "opening");
  double kv = 60;
  mjs_setToPosition(servo, 2500, &kv, nullptr, nullptr, 0);
  servo->ctrllimited = mjLIMITED_TRUE;
  servo->ctrlrange[0] = 0, servo->ctrlrange[1] = kGripperOpening;
  servo->forcelimited = mjLIMITED_TRUE;
  servo->forcerange[0] = -kGripperForce, servo->forcerange[1] = kGripperForce;

  // The rack: both fingers move alike.
  mjsEquality* rack = mjs_addEquality(spec, nullptr);
  mjs_setName(rack->element, "rack");
  rack->type = mjEQ_JOINT;
  rack->objtype = mjOBJ_JOINT;
  mjs_setString(rack->name1, "finger_left");
  mjs_setString(rack->name2, "finger_right");
  rack->data[0] = 0, rack->data[1] = 1, rack->data[2] = 0, rack->data[3] = 0, rack->data[4] = 0;
  rack->solref[0] = 0.01, rack->solref[1] = 1;
}

}  // namespace

void AddParallelGripper(mjSpec* spec, mjsBody* flange, double pad_friction) {
  mjsBody* gripper = AddBody(flange, "gripper", Vector3d::Zero());
  gripper->gravcomp = 1;
  SetInertia(gripper, 0.60, {0, 0, 0.04}, {8e-4, 6e-4, 5e-4});
  const GeomStyle shell{{0.20f, 0.21f, 0.23f, 1}, Collision::kTool, "plastic"};
  AddCylinder(gripper, "palm_0", {0, 0, 0}, {0, 0, 0.03}, 0.036, shell);
  AddBox(gripper, "palm_1", {0, 0, 0.048}, {0.030, 0.060, 0.020}, shell);

  AddFinger(gripper, "left", +1, pad_friction);
  AddFinger(gripper, "right", -1, pad_friction);
  AddDrive(spec);

  mjsSite* tcp = mjs_addSite(gripper, nullptr);
  mjs_setName(tcp->element, "tcp");
  tcp->pos[2] = kTcpOffset;
  tcp->size[0] = 0.004;
  tcp->group = 4;

  // Beside the palm, turned towards the TCP (a MuJoCo camera looks along its -z).
  mjsCamera* camera = mjs_addCamera(gripper, nullptr);
  mjs_setName(camera->element, "wrist");
  camera->pos[0] = 0.075, camera->pos[1] = 0, camera->pos[2] = 0.02;
  const Eigen::Quaterniond look =
      Eigen::AngleAxisd(-0.30, Vector3d::UnitY()) * Eigen::Quaterniond(0, 0.70710678, 0.70710678, 0);
  camera->quat[0] = look.w(), camera->quat[1] = look.x(), camera->quat[2] = look.y(), camera->quat[3] = look.z();
  camera->fovy = 65;
}

}  // namespace genba::sim

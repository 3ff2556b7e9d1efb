#include "sim/cell_ids.h"

#include <cstring>
#include <string>

#include "core/error.h"

namespace genba::sim {

namespace {

bool StartsWith(const char* text, const char* prefix) { return std::strncmp(text, prefix, std::strlen(prefix)) == 0; }

// Whose geom it is, told by the name of its body.
GeomOwner OwnerOf(const char* body) {
  if (StartsWith(body, "part")) return {Owner::kPart, std::atoi(body + 4)};
  if (StartsWith(body, "bin")) return {Owner::kBin, std::atoi(body + 3)};
  if (StartsWith(body, "table")) return {Owner::kTable, 0};
  if (StartsWith(body, "finger_left")) return {Owner::kFingerLeft, 0};
  if (StartsWith(body, "finger_right")) return {Owner::kFingerRight, 0};
  if (StartsWith(body, "gripper")) return {Owner::kPalm, 0};
  if (StartsWith(body, "world")) return {Owner::kWorld, 0};
  return {Owner::kArm, 0};
}

int CountBodies(const mjModel* m, const std::string& prefix) {
  int count = 0;
  while (mj_name2id(m, mjOBJ_BODY, (prefix + std::to_string(count)).c_str()) >= 0) ++count;
  return count;
}

}  // namespace

CellIds FindCellIds(const Model& model) {
  const mjModel* m = model.get();
  CellIds ids;
  for (std::size_t j = 0; j < kArmJoints; ++j) {
    const int joint = model.joint(kUr5eJointNames[j]);
    ids.arm_qpos[j] = m->jnt_qposadr[joint];
    ids.arm_dof[j] = m->jnt_dofadr[joint];
    ids.arm_actuator[j] = model.actuator(kUr5eJointNames[j]);
  }
  const std::array<int, 2> fingers{model.joint("finger_left"), model.joint("finger_right")};
  for (std::size_t i = 0; i < 2; ++i) {
    ids.finger_qpos[i] = m->jnt_qposadr[fingers[i]];
    ids.finger_dof[i] = m->jnt_dofadr[fingers[i]];
  }
  ids.gripper_actuator = model.actuator("gripper");
  ids.tcp_site = model.site("tcp");
  ids.wrist_body = model.body("wrist_3");
  ids.gripper_body = model.body("gripper");
  ids.num_parts = CountBodies(m, "part");
  ids.num_bins = CountBodies(m, "bin");
  if (ids.num_parts > kMaxPartSlots)
    throw BadInput({"scene", "parts", "at most " + std::to_string(kMaxPartSlots), std::to_string(ids.num_parts)});
  for (std::size_t i = 0; i < static_cast<std::size_t>(ids.num_parts); ++i) {
    const int body = model.body("part" + std::to_string(i));
    const int joint = m->body_jntadr[body];
    if (joint < 0 || m->jnt_type[joint] != mjJNT_FREE)
      throw BadInput({"scene", "part" + std::to_string(i), "a free joint", "none"});
    ids.part_body[i] = body;
    ids.part_qpos[i] = m->jnt_qposadr[joint];
    ids.part_dof[i] = m->jnt_dofadr[joint];
  }
  for (int g = 0; g < m->ngeom; ++g) ids.geom_owner.push_back(OwnerOf(mj_id2name(m, mjOBJ_BODY, m->geom_bodyid[g])));
  return ids;
}

}  // namespace genba::sim

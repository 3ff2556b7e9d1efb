#include "sim/contacts.h"

#include <algorithm>

namespace genba::sim {

namespace {

bool IsRobot(Owner owner) {
  return owner == Owner::kArm || owner == Owner::kPalm || owner == Owner::kFingerLeft || owner == Owner::kFingerRight;
}

// Sorts one contact's force into the summary; robot is the robot's side of it, other what it touches.
void AddRobotContact(const GeomOwner& robot, const GeomOwner& other, double force, ContactSummary& out) {
  if (other.owner == Owner::kPart) {
    const auto i = static_cast<std::size_t>(other.index);
    if (robot.owner == Owner::kFingerLeft) out.left_on_part[i] += force;
    if (robot.owner == Owner::kFingerRight) out.right_on_part[i] += force;
  } else {
    out.robot_on_fixture += force;
    out.peak = std::max(out.peak, force);
  }
}

}  // namespace

void SummariseContacts(const CellIds& ids, const mjModel* m, const mjData* d, ContactSummary& out) {
  out = ContactSummary{};
  out.num_contacts = d->ncon;
  for (int c = 0; c < d->ncon; ++c) {
    const mjContact& contact = d->contact[c];
    if (contact.geom[0] < 0 || contact.geom[1] < 0) continue;
    const GeomOwner& a = ids.geom_owner[static_cast<std::size_t>(contact.geom[0])];
    const GeomOwner& b = ids.geom_owner[static_cast<std::size_t>(contact.geom[1])];
    if (!IsRobot(a.owner) && !IsRobot(b.owner)) continue;
    mjtNum wrench[6];
    mj_contactForce(m, d, c, wrench);
    const double normal = wrench[0];
    AddRobotContact(IsRobot(a.owner) ? a : b, IsRobot(a.owner) ? b : a, normal, out);
  }
  // A part pinched between both fingers is held: its contact is work, not a collision. Pressing on any other part is
  // one.
  for (int i = 0; i < ids.num_parts; ++i) {
    const auto part = static_cast<std::size_t>(i);
    if (!Holding(out, i)) out.peak = std::max({out.peak, out.left_on_part[part], out.right_on_part[part]});
  }
}

bool Holding(const ContactSummary& contacts, int part, double min_force) {
  const auto i = static_cast<std::size_t>(part);
  return contacts.left_on_part[i] >= min_force && contacts.right_on_part[i] >= min_force;
}

}  // namespace genba::sim

#include "viewer/failure.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "envs/observation.h"
#include "envs/tasks/shared.h"
#include "viewer/render_episode.h"

namespace genba::viewer {

namespace {

using datasets::Episode;

struct DataDeleter {
  void operator()(mjData* d) const { mj_deleteData(d); }
};
using DataPtr = std::unique_ptr<mjData, DataDeleter>;

constexpr double kPinch = 0.5;  // [N] from both fingers: the part is held, which is work and no collision

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string BodyName(const mjModel* m, int body) {
  const char* name = mj_id2name(m, mjOBJ_BODY, body);
  return name == nullptr ? "a body" : body == 0 ? "the floor" : name;
}

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }
bool IsPart(const std::string& name) { return StartsWith(name, "part"); }
bool IsRobot(const std::string& name) {
  return !IsPart(name) && !StartsWith(name, "bin") && name != "table" && name != "the floor";
}

std::optional<double> Measure(const EnvSpec& spec, const Episode& e, const std::string& name, int step) {
  const std::size_t width = spec.measures.size();
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t at = static_cast<std::size_t>(step) * width + i;
    if (spec.measures[i].name == name && at < e.measures.size()) return static_cast<double>(e.measures[at]);
  }
  return std::nullopt;
}

using Pair = std::pair<int, int>;  // bodies, the robot's first

std::map<Pair, double> RobotForces(const mjModel* m, const mjData* d) {
  std::map<Pair, Eigen::Vector3d> sums;
  for (int c = 0; c < d->ncon; ++c) {
    const mjContact& contact = d->contact[c];
    if (contact.geom[0] < 0 || contact.geom[1] < 0) continue;
    Pair pair(m->geom_bodyid[contact.geom[0]], m->geom_bodyid[contact.geom[1]]);
    if (!IsRobot(BodyName(m, pair.first))) std::swap(pair.first, pair.second);
    if (!IsRobot(BodyName(m, pair.first))) continue;
    mjtNum wrench[6];
    mj_contactForce(m, d, c, wrench);
    const Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> frame(contact.frame);
    const Eigen::Vector3d force = frame.transpose() * Eigen::Vector3d(wrench[0], wrench[1], wrench[2]);
    sums.try_emplace(pair, Eigen::Vector3d::Zero()).first->second += force;
  }
  std::map<Pair, double> forces;
  for (const auto& [pair, sum] : sums) forces[pair] = sum.norm();
  return forces;
}

bool Pinched(const mjModel* m, const std::map<Pair, double>& forces, int part) {
  const auto pressed = [&](const char* finger) {
    return std::any_of(forces.begin(), forces.end(), [&](const auto& entry) {
      return entry.first.second == part && entry.second >= kPinch && StartsWith(BodyName(m, entry.first.first), finger);
    });
  };
  return pressed("finger_left") && pressed("finger_right");
}

// " between A and B": what pressed hardest during the last step, stepped again from the state before it. The commands
// are not recorded; holding the arm where it arrived finds the same bodies, not the same newtons.
std::string HardestTouch(const EnvSpec& spec, const Episode& e, const mjModel* m) {
  const DataPtr d(mj_makeData(m)), after(mj_makeData(m));
  PutState(e, e.num_steps, m, after.get());
  PutState(e, e.num_steps - 1, m, d.get());
  std::copy_n(after->actuator_length, m->nu, d->ctrl);
  Pair hardest(-1, -1);
  double most = 0;
  for (int i = 0; i < spec.substeps; ++i) {
    mj_step(m, d.get());
    const auto forces = RobotForces(m, d.get());
    for (const auto& [pair, force] : forces) {
      const bool held = IsPart(BodyName(m, pair.second)) && Pinched(m, forces, pair.second);
      if (held || force <= most) continue;
      most = force;
      hardest = pair;
    }
  }
  if (hardest.first < 0) return "";
  return " between " + BodyName(m, hardest.first) + " and " + BodyName(m, hardest.second);
}

std::string SafetyStop(const EnvSpec& spec, const Episode& e, const mjModel* m) {
  const auto force = Measure(spec, e, "peak_force", e.num_steps - 1);
  return (force ? Number("%.0f N > ", *force) : "more than ") + Number("%.0f N", envs::kSafetyStopForce) +
         HardestTouch(spec, e, m) + " at step " + std::to_string(e.num_steps);
}

// The first part nobody asked for that moved by more than it may.
std::string WrongPart(const Episode& e, const mjModel* m) {
  const envs::EpisodePlan plan = envs::EpisodePlanFromText(e.plan, "plan");
  const sim::CellSpec cell = envs::CellFromJson(e.cell, "cell");
  const std::vector<std::uint8_t> wanted = envs::WantedSlots(plan, cell);
  const DataPtr d(mj_makeData(m));
  std::vector<Eigen::Vector3d> start;
  for (int frame = 0; frame <= e.num_steps; ++frame) {
    PutState(e, frame, m, d.get());
    for (std::size_t slot = 0; slot < cell.parts.size(); ++slot) {
      const int body = mj_name2id(m, mjOBJ_BODY, ("part" + std::to_string(slot)).c_str());
      if (body < 0) continue;
      const Eigen::Vector3d p(d->xpos + 3 * body);
      if (frame == 0) start.push_back(p);
      const double moved = (p - start.at(slot)).norm();
      if (!cell.parts[slot].present || wanted[slot] > 0 || moved <= envs::kDisturbance) continue;
      return "part" + std::to_string(slot) + " (" + envs::Name(cell.parts[slot].colour) + " " +
             envs::Name(cell.parts[slot].shape) + "), not asked for, was moved by " +
             Number("%.0f mm > ", 1000 * moved) + Number("%.0f mm", 1000 * envs::kDisturbance) + " at step " +
             std::to_string(frame);
    }
  }
  return "after " + std::to_string(e.num_steps) + " steps";
}

std::string Timeout(const EnvSpec& spec, const Episode& e) {
  std::string text =
      "not done within " + std::to_string(e.num_steps) + " steps, " + Number("%.2f s", e.num_steps / spec.control_hz());
  if (const auto placed = Measure(spec, e, "placed", e.num_steps - 1))
    text += Number("; placed %.0f %%", 100 * *placed);
  if (const auto distance = Measure(spec, e, "target_distance", e.num_steps - 1))
    text += Number("; %.0f mm from the target", 1000 * *distance);
  return text;
}

}  // namespace

std::string FailureSentence(const EnvSpec& spec, const Episode& e, const mjModel* m) {
  if (e.success) return "";
  if (e.fault != "none" && !e.fault.empty())
    return "fault: " + e.fault + " at step " + std::to_string(e.num_steps) + ", seed " + std::to_string(e.seed);
  if (e.num_steps == 0) return e.cause;
  if (e.cause == "safety_stop") return "safety_stop: " + SafetyStop(spec, e, m);
  if (e.cause == "wrong_part") return "wrong_part: " + WrongPart(e, m);
  if (e.cause == "timeout") return "timeout: " + Timeout(spec, e);
  return e.cause + " at step " + std::to_string(e.num_steps);
}

}  // namespace genba::viewer

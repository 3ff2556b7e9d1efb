#include "viewer/failure.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "envs/observation.h"
#include "envs/tasks/shared.h"
#include "sim/cartesian_control.h"
#include "sim/contacts.h"
#include "viewer/render_episode.h"

namespace genba::viewer {

namespace {

using datasets::Episode;

struct DataDeleter {
  void operator()(mjData* d) const { mj_deleteData(d); }
};
using DataPtr = std::unique_ptr<mjData, DataDeleter>;

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string BodyName(const mjModel* m, int body) {
  const char* name = mj_id2name(m, mjOBJ_BODY, body);
  return name == nullptr ? "a body" : body == 0 ? "the floor" : name;
}

std::optional<double> Measure(const EnvSpec& spec, const Episode& e, const std::string& name, int step) {
  const std::size_t width = spec.measures.size();
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t at = static_cast<std::size_t>(step) * width + i;
    if (spec.measures[i].name == name && at < e.measures.size()) return static_cast<double>(e.measures[at]);
  }
  return std::nullopt;
}

// " between A and B": what was pressed hardest in the last step, stepped again from the state before it with the
// recorded controls.
std::string HardestTouch(const EnvSpec& spec, const Episode& e, const sim::Model& model) {
  const mjModel* m = model.get();
  const auto nu = static_cast<std::size_t>(m->nu), last = static_cast<std::size_t>(e.num_steps - 1);
  if (e.ctrl.size() != nu * (last + 1) || e.initial_ctrl.size() != nu) return "";
  const sim::CellIds ids = sim::FindCellIds(model);
  sim::ControllerState controls = sim::Resting(ids, e.initial_ctrl);
  for (std::size_t step = 0; step <= last; ++step) sim::Follow(ids, {e.ctrl.data() + step * nu, nu}, controls);
  const DataPtr d(mj_makeData(m));
  PutState(e, e.num_steps - 1, m, d.get());
  sim::ContactSummary contacts, hardest;
  for (int i = 0; i < spec.substeps; ++i) {
    sim::Servo(ids, i, spec.substeps, controls, d.get());
    mj_step(m, d.get());
    sim::SummariseContacts(ids, m, d.get(), contacts);
    if (contacts.hardest[0] >= 0 && contacts.peak > hardest.peak) hardest = contacts;
  }
  if (hardest.hardest[0] < 0) return "";
  return " between " + BodyName(m, hardest.hardest[0]) + " and " + BodyName(m, hardest.hardest[1]);
}

std::string SafetyStop(const EnvSpec& spec, const Episode& e, const sim::Model& model) {
  const auto force = Measure(spec, e, "peak_force", e.num_steps - 1);
  return (force ? Number("%.0f N > ", *force) : "more than ") + Number("%.0f N", envs::kSafetyStopForce) +
         HardestTouch(spec, e, model) + " at step " + std::to_string(e.num_steps);
}

// The first part nobody asked for that moved by more than it may.
std::string WrongPart(const Episode& e, const envs::EpisodePlan& plan, const sim::CellSpec& cell,
                      const sim::Model& model) {
  const std::vector<std::uint8_t> wanted = envs::WantedSlots(plan, cell);
  const sim::CellIds ids = sim::FindCellIds(model);
  const DataPtr d(mj_makeData(model.get()));
  std::vector<Eigen::Vector3d> start;
  for (int frame = 0; frame <= e.num_steps; ++frame) {
    PutState(e, frame, model.get(), d.get());
    for (std::size_t slot = 0; slot < cell.parts.size(); ++slot) {
      const Eigen::Vector3d p(d->xpos + 3 * ids.part_body[slot]);
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

// Of what should have been answered and was acted on; what the task is measured by does not matter then.
std::string NotHeldStill(const Episode& e, const envs::EpisodePlan& plan) {
  const std::string did = e.cause == "success" ? "did " + envs::ToText(plan.order) : e.cause;
  return std::string("should have held still (") + Name(plan.expect) + "): " + did + " at step " +
         std::to_string(e.num_steps);
}

}  // namespace

std::string FailureSentence(const EnvSpec& spec, const Episode& e) {
  if (e.success) return "";
  if (e.fault != "none" && !e.fault.empty())
    return "fault: " + e.fault + " at step " + std::to_string(e.num_steps) + ", seed " + std::to_string(e.seed);
  if (e.num_steps == 0) return e.cause;
  const envs::EpisodePlan plan = envs::EpisodePlanFromText(e.plan, "plan");
  if (plan.expect != Answer::kAct) return NotHeldStill(e, plan);
  if (e.cause == "timeout") return "timeout: " + Timeout(spec, e);
  if (e.cause == "safety_stop" || e.cause == "wrong_part") {
    const sim::CellSpec cell = envs::CellFromJson(e.cell, "cell");
    const auto model = sim::CellBuilder(cell).Build();
    return e.cause + ": " + (e.cause == "wrong_part" ? WrongPart(e, plan, cell, *model) : SafetyStop(spec, e, *model));
  }
  return e.cause + " at step " + std::to_string(e.num_steps);
}

}  // namespace genba::viewer

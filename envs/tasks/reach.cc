// reach: bring the gripper above the named part and stay there, without touching anything.
#include <cmath>
#include <limits>

#include "envs/tasks/shared.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::envs {

namespace {

using Eigen::Vector3d;

constexpr double kAbove = 0.05;                    // [m] over the part's top
constexpr double kTolerance = 0.01;                // [m]
constexpr double kTilt = 5.0 / 57.29577951308232;  // [rad]
constexpr double kTime = 3;                        // [s]
enum Cause { kNone, kSuccess, kTimeout, kWrongPart };

Vector3d PointAbove(const World& world, std::size_t slot) {
  const sim::PartSpec& part = world.episode.cell.parts[slot];
  return world.measured.parts[slot].p + Vector3d(0, 0, sim::PartHalfSize(part.shape, part.size).z() + kAbove);
}

// The point above the wanted part that is nearest.
Vector3d Target(const World& world, const Goal& goal) {
  Vector3d nearest = world.measured.tcp.p_WT;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    if (!goal.wanted[slot]) continue;
    const Vector3d point = PointAbove(world, slot);
    const double distance = (point - world.measured.tcp.p_WT).norm();
    if (distance < best) best = distance, nearest = point;
  }
  return nearest;
}

class Reach final : public Task {
 public:
  Reach()
      : spec_(BaseSpec(
            "reach",
            "Move the gripper to 5 cm above the named part, tool down, and hold still without touching anything.")) {
    for (FieldSpec& field : spec_.observation) {
      if (field.name == "places") field.identity.clear();  // no order of this task names one
    }
    spec_.reward_terms = {"approach", "upright", "success", "action"};
    spec_.measures = {{"peak_force", {1}, "N", "largest force between two bodies or at the flange in the step"},
                      {"tcp_speed", {1}, "m/s", "of the tool centre point"},
                      {"target_distance", {1}, "m", "TCP to the point above the named part"}};
    spec_.terminations = {"none", "success", "timeout", "wrong_part", "declined", "safety_stop", "fault"};
    spec_.horizon = spec_.Steps(kTime);
  }
  const EnvSpec& spec() const override { return spec_; }
  Verb verb() const override { return Verb::kReach; }
  SceneLimits limits() const override {
    return {.min_parts = 2,
            .max_parts = 8,
            .has_bins = true,
            .multi_share = 0,
            .max_wanted = 1,
            .timestep = spec_.timestep};
  }
  int Horizon(const EpisodePlan&) const override { return spec_.horizon; }

  std::array<double, sim::kActionSize> Expert(const World& world, const TaskState& state) const override {
    return MoveTo(world, state, Target(world, world.episode.goal), 0, sim::kGripperOpening);
  }

 private:
  Judgement Assess(const World& world, TaskState& state) const override {
    const Measured& now = world.measured;
    state.disturbed = state.disturbed || Disturbed(world, state, Goal{});  // no part may move at all
    const double distance = (Target(world, world.episode.goal) - now.tcp.p_WT).norm();
    const Vector3d& p = now.tcp.p_WT;
    const std::array<std::array<double, 3>, kMaxParts> tool{{{p.x(), p.y(), p.z()}}};
    const Goal& old_goal = world.episode.old_goal;
    Advance(Above(world, world.episode.goal) && !state.disturbed, tool, kRestTool, state.goal_hold);
    Advance(Above(world, old_goal) && !state.disturbed, tool, kRestTool, state.old_goal_hold);
    state.did_old_task = state.did_old_task || state.old_goal_hold.steps >= spec_.hold_steps();

    Judgement out;
    const double speed = now.v_WT.norm();
    out.reward_terms = {static_cast<float>(1 - std::tanh(5 * distance)),
                        static_cast<float>(-0.1 * TiltFromDown(now.tcp)), state.goal_hold.steps > 0 ? 1.0f : 0.0f,
                        static_cast<float>(-0.05 * speed)};
    out.measures = {static_cast<float>(now.peak_force), static_cast<float>(speed), static_cast<float>(distance)};
    if (state.disturbed) out.events |= kDisturbed;
    if (state.goal_hold.steps >= spec_.hold_steps()) {
      out.cause = kSuccess;
    } else if (state.did_old_task) {
      out.cause = kWrongPart;
    }
    return out;
  }

  static bool Above(const World& world, const Goal& goal) {
    return goal.any() && (Target(world, goal) - world.measured.tcp.p_WT).norm() < kTolerance &&
           TiltFromDown(world.measured.tcp) < kTilt;
  }

  EnvSpec spec_;
};

}  // namespace

std::unique_ptr<Task> MakeReach() { return std::make_unique<Reach>(); }

}  // namespace genba::envs

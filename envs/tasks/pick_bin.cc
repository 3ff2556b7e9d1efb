// pick_bin: put the named part or parts into the named bin and leave everything else where it is.
#include <algorithm>
#include <cmath>
#include <limits>

#include "envs/tasks/shared.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::envs {

namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;

constexpr double kFallen = -0.05;                                        // [m] below the table top: out of reach
constexpr double kTime = 10;                                             // [s] for one part
constexpr double kTimePerPart = 6;                                       // [s] for each further one
enum Cause { kNone, kSuccess, kTimeout, kWrongPart, kDropped, kThrow };  // in EnvSpec::terminations order

// Of the expert [m].
constexpr double kHover = 0.07;        // over the part's centre before going down
constexpr double kCarry = 0.125;       // height of the TCP over the table: the part clears walls and other parts
constexpr double kFreeToMove = 0.085;  // above this a lifted part may travel
constexpr double kRelease = 0.045;     // height of the TCP inside a bin
constexpr double kAligned = 0.004, kAlignedTurn = 0.05;  // [m], [rad] free of any height
constexpr double kAtDepth = 0.008;
constexpr double kOverBin = 0.02;
constexpr double kRetreat = 0.16;
constexpr double kOverRim = 0.008;          // height of the TCP over a bin's rim
constexpr double kGrip = 0.010;             // closed beyond the part's width: 25 N, and quick to let go
constexpr double kNarrow = 0.075;           // opening between the walls of a bin
constexpr double kApproach = 0.006;         // most that it goes down in a step when it is near
constexpr double kNear = 0.05;              // over a part's centre
constexpr double kCarrySpeed = 0.24;        // [m/s] under the 0.25 of ISO 10218's reduced speed; faster, grasps creep
constexpr double kReleaseSpeedMost = 0.12;  // [m/s] faster than this it does not let go

bool InGoalBin(const World& world, const Goal& goal, std::size_t slot) {
  return world.measured.parts[slot].in_bin == goal.bin;
}

int CountPlaced(const World& world, const Goal& goal) {
  int placed = 0;
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) placed += goal.wanted[slot] && InGoalBin(world, goal, slot);
  return placed;
}

// As many as are wanted, at least one, in the bin and let go of, and the others of their kind where they were. Whether they rest there
// is the hold's matter.
bool Placed(const World& world, const TaskState& state, const Goal& goal) {
  if (!goal.any()) return false;
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    if (!goal.wanted[slot]) continue;
    if (world.measured.parts[slot].touched) return false;
    if (!InGoalBin(world, goal, slot) && HasMoved(world, state, slot)) return false;
  }
  return CountPlaced(world, goal) == goal.count;
}

bool TooMany(const World& world, const Goal& goal) { return CountPlaced(world, goal) > goal.count; }

// The wanted part to deal with now: the one between the fingers, otherwise the nearest that is not yet in its bin; -1
// none, or enough are there.
int NextPart(const World& world, const Goal& goal) {
  const Measured& now = world.measured;
  if (now.held >= 0 && goal.wanted[static_cast<std::size_t>(now.held)]) return now.held;
  if (CountPlaced(world, goal) >= goal.count) return -1;
  int nearest = -1;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    if (!goal.wanted[slot] || InGoalBin(world, goal, slot)) continue;
    const double distance = (now.parts[slot].p - now.tcp.p_WT).head<2>().norm();
    if (distance < best) best = distance, nearest = static_cast<int>(slot);
  }
  return nearest;
}

// One part goes to the middle. Several get a place each, and are let go with the fingertips over the rim: low in a corner
// the fingers would stand on the walls and knock what already lies there.
Vector3d DropPoint(const World& world, const Goal& goal) {
  static const std::array<Vector2d, 4> kPlaces{{{-0.03, -0.035}, {0.03, 0.035}, {0.03, -0.035}, {-0.03, 0.035}}};
  std::size_t inside = 0;
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    inside += world.episode.cell.parts[slot].present && InGoalBin(world, goal, slot) &&
              world.measured.held != static_cast<int>(slot);
  }
  const sim::BinSpec& bin = world.episode.cell.bins[static_cast<std::size_t>(goal.bin)];
  const bool several = goal.count > 1;
  const Vector2d place = several ? kPlaces[std::min(inside, kPlaces.size() - 1)] : Vector2d(0, 0);
  const Vector2d p = bin.centre + Eigen::Rotation2Dd(bin.yaw) * place;
  return {p.x(), p.y(), several ? bin.height + kOverRim : kRelease};
}

class PickBin final : public Task {
 public:
  PickBin()
      : spec_(BaseSpec("pick_bin", "Put the named part or parts into the named bin; nothing else may be moved.")) {
    spec_.reward_terms = {"approach", "grasp", "carry", "placed", "success", "disturbance", "action"};
    spec_.measures = {{"peak_force",
                       {1},
                       "N",
                       "largest force between two bodies or at the flange in the step, a grasp's own left out"},
                      {"tcp_speed", {1}, "m/s", "of the tool centre point"},
                      {"target_distance", {1}, "m", "TCP to the next wanted part"},
                      {"placed", {1}, "1", "share of the wanted parts in their bin"}};
    spec_.terminations = {"none",   "success",  "timeout",     "wrong_part", "dropped",
                          "thrown", "declined", "safety_stop", "fault"};
    spec_.horizon = spec_.Steps(kTime + (limits().max_wanted - 1) * kTimePerPart);
  }
  const EnvSpec& spec() const override { return spec_; }
  Verb verb() const override { return Verb::kPick; }
  SceneLimits limits() const override { return {.timestep = spec_.timestep}; }
  int Horizon(const EpisodePlan& plan) const override {
    return spec_.Steps(kTime + kTimePerPart * (NumWanted(plan.order, plan.parts) - 1));
  }

  std::array<double, sim::kActionSize> Expert(const World& world, const TaskState& state) const override {
    const Goal& goal = world.episode.goal;
    const int part = NextPart(world, goal);
    if (part < 0) return Retreat(world, state);
    if (world.measured.held == part) return Carry(world, state, goal);
    return Fetch(world, state, static_cast<std::size_t>(part));
  }

 private:
  Judgement Assess(const World& world, TaskState& state) const override {
    const Goal &goal = world.episode.goal, &old_goal = world.episode.old_goal;
    state.disturbed = state.disturbed || Disturbed(world, state, goal) || TooMany(world, goal);
    state.old_disturbed = state.old_disturbed || Disturbed(world, state, old_goal) || TooMany(world, old_goal);
    NoteThrows(world, goal, state);
    Advance(Placed(world, state, goal) && !state.disturbed, WantedPositions(world, goal), kRestPart, state.goal_hold);
    Advance(Placed(world, state, old_goal) && !state.old_disturbed, WantedPositions(world, old_goal), kRestPart,
            state.old_goal_hold);
    state.did_old_task = state.did_old_task || state.old_goal_hold.steps >= spec_.hold_steps();

    Judgement out;
    out.cause = CauseOf(world, state);
    out.events = EventsOf(world, state);
    FillRewards(world, state, out);
    return out;
  }

  int CauseOf(const World& world, const TaskState& state) const {
    if (state.goal_hold.steps >= spec_.hold_steps()) return AnyThrown(world.episode.goal, state) ? kThrow : kSuccess;
    if (state.did_old_task) return kWrongPart;
    for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
      if (world.episode.goal.wanted[slot] && world.measured.parts[slot].p.z() < kFallen) return kDropped;
    }
    return kNone;
  }

  static std::uint32_t EventsOf(const World& world, const TaskState& state) {
    const Measured& now = world.measured;
    std::uint32_t events = 0;
    if (now.held >= 0) events |= kHolding;
    if (now.held >= 0 && !world.episode.goal.wanted[static_cast<std::size_t>(now.held)]) events |= kHoldingWrong;
    if (state.disturbed) events |= kDisturbed;
    if (AnyThrown(world.episode.goal, state)) events |= kThrown;
    if (CountPlaced(world, world.episode.goal) > 0) events |= kPlaced;
    return events;
  }

  static void FillRewards(const World& world, const TaskState& state, Judgement& out) {
    const Goal& goal = world.episode.goal;
    const Measured& now = world.measured;
    const int part = NextPart(world, goal);
    const double distance = part < 0 ? 0 : (now.parts[static_cast<std::size_t>(part)].p - now.tcp.p_WT).norm();
    const bool holds_wanted = part >= 0 && now.held == part;
    const double to_bin = holds_wanted ? (DropPoint(world, goal) - now.tcp.p_WT).head<2>().norm() : 0;
    const double placed = static_cast<double>(CountPlaced(world, goal)) / std::max(1, goal.count);
    const double speed = now.v_WT.norm();
    out.reward_terms = {static_cast<float>(part < 0 ? 1 : 1 - std::tanh(5 * distance)),
                        holds_wanted ? 1.0f : 0.0f,
                        static_cast<float>(holds_wanted ? 1 - std::tanh(5 * to_bin) : 0),
                        static_cast<float>(2 * placed),
                        state.goal_hold.steps > 0 ? 3.0f : 0.0f,
                        state.disturbed ? -1.0f : 0.0f,
                        static_cast<float>(-0.05 * speed)};
    out.measures = {static_cast<float>(now.peak_force), static_cast<float>(speed), static_cast<float>(distance),
                    static_cast<float>(placed)};
  }

  static double Open(const World& world) { return BetweenWalls(world) ? kNarrow : sim::kGripperOpening; }

  // All done: open, straight up, wait.
  static std::array<double, sim::kActionSize> Retreat(const World& world, const TaskState& state) {
    Vector3d p = world.measured.tcp.p_WT;
    p.z() = std::max(p.z(), kRetreat);
    return MoveTo(world, state, p, 0, Open(world));
  }

  // Down a funnel: the better the gripper is aligned, the lower it may be. Far away and low (a bin wall or another part
  // in between) it rises first. At depth it closes; when the fingers miss, nothing is held and the same rules start
  // again.
  static std::array<double, sim::kActionSize> Fetch(const World& world, const TaskState& state, std::size_t slot) {
    const Measured& now = world.measured;
    const Measured::Part& part = now.parts[slot];
    const double aside = (part.p - now.tcp.p_WT).head<2>().norm();
    const double turn = part.grasp_turn;
    const double hover = 8 * std::max(0.0, aside - kAligned) + 0.3 * std::max(0.0, std::abs(turn) - kAlignedTurn);
    Vector3d p = part.p;
    p.z() += std::min(hover, kHover);
    const bool low = now.tcp.p_WT.z() < part.p.z() + 0.05 || BetweenWalls(world);
    if (aside > 0.03 && low) {
      p = now.tcp.p_WT;
      p.z() = kCarry;
      return MoveTo(world, state, p, 0, Open(world));
    }
    const bool at_depth = now.tcp.p_WT.z() - part.p.z() < kAtDepth && aside < 2 * kAligned;
    auto action = MoveTo(world, state, p, turn, at_depth ? 0 : Open(world));
    if (now.tcp.p_WT.z() < part.p.z() + kNear)
      action[2] = std::max(action[2], -kApproach / world.controller.max_translation);
    return action;
  }

  // Up, across, down into the bin, open when nothing moves.
  static std::array<double, sim::kActionSize> Carry(const World& world, const TaskState& state, const Goal& goal) {
    const Measured& now = world.measured;
    const Vector3d& tcp = now.tcp.p_WT;
    const double grip = std::max(0.0, now.opening - kGrip);
    const Vector3d drop = DropPoint(world, goal);
    const double aside = (drop - tcp).head<2>().norm();
    if (aside > kOverBin) {
      const bool may_travel = tcp.z() > kFreeToMove;
      const Vector3d p(may_travel ? drop.x() : tcp.x(), may_travel ? drop.y() : tcp.y(), kCarry);
      return AtCarryingSpeed(world, MoveTo(world, state, p, 0, grip));
    }
    const bool let_go = tcp.z() < drop.z() + 0.01 && now.v_WT.norm() < kReleaseSpeedMost;
    return MoveTo(world, state, drop, 0, let_go ? kNarrow : grip);
  }

  static std::array<double, sim::kActionSize> AtCarryingSpeed(const World& world,
                                                              std::array<double, sim::kActionSize> action) {
    const double most = kCarrySpeed * world.controller.control_period / world.controller.max_translation;
    const double size = Vector3d(action[0], action[1], action[2]).norm();
    if (size <= most) return action;
    for (std::size_t i = 0; i < 3; ++i) action[i] *= most / size;
    return action;
  }

  // The fingertips are below the rim of a bin.
  static bool BetweenWalls(const World& world) {
    const Vector3d& tcp = world.measured.tcp.p_WT;
    return std::any_of(world.episode.cell.bins.begin(), world.episode.cell.bins.end(), [&](const sim::BinSpec& bin) {
      return sim::InsideBin(bin, tcp.head<2>(), 0.03) && tcp.z() < bin.height + 0.03;
    });
  }

  EnvSpec spec_;
};

}  // namespace

std::unique_ptr<Task> MakePickBin() { return std::make_unique<PickBin>(); }

}  // namespace genba::envs

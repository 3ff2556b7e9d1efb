#include "envs/tasks/shared.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "envs/observation.h"

namespace genba::envs {

namespace {
using Eigen::Vector3d;
constexpr double kGain = 0.7;  // of the expert: less than one, so that it slows down before it arrives
}  // namespace

int CauseIndex(const EnvSpec& spec, const std::string& cause) {
  const auto at = std::find(spec.terminations.begin(), spec.terminations.end(), cause);
  GENBA_CHECK(at != spec.terminations.end(), "every task declares the cause " + cause);
  return static_cast<int>(at - spec.terminations.begin());
}

sim::ControllerConfig ControllerOf(const EnvSpec& spec) {
  sim::ControllerConfig config;
  config.control_period = spec.control_period();
  return config;
}

Judgement Task::Judge(const World& world, TaskState& state) const {
  Judgement judgement = Assess(world, state);
  const Vector3d& p = world.measured.tcp.p_WT;
  Advance(state.answer != Answer::kAct, {{{p.x(), p.y(), p.z()}}}, kRestTool, state.declined_hold);
  if (judgement.cause == 0 && state.declined_hold.steps >= spec().Steps(kDeclineTime))
    judgement.cause = CauseIndex(spec(), "declined");
  if (state.moved) judgement.events |= kMoved;
  if (world.measured.peak_force > kHardContactForce) judgement.events |= kHardContact;
  if (world.measured.peak_force > kSafetyStopForce) judgement.cause = CauseIndex(spec(), "safety_stop");
  return judgement;
}

Goal GoalOf(const Order& order, const EpisodePlan& plan, const sim::CellSpec& cell) {
  std::vector<std::size_t> slots;  // of the visible parts, which is how plan.parts counts
  for (std::size_t slot = 0; slot < cell.parts.size(); ++slot) {
    if (cell.parts[slot].present) slots.push_back(slot);
  }
  Goal goal;
  for (const int referent : Referents(order, plan.parts)) goal.wanted[slots[static_cast<std::size_t>(referent)]] = true;
  goal.count = NumWanted(order, plan.parts);
  if (order.place == PlaceWord::kNone) return goal;
  // Left is the robot's left, +y: bins sorted from there.
  std::vector<int> from_left(cell.bins.size());
  for (std::size_t i = 0; i < from_left.size(); ++i) from_left[i] = static_cast<int>(i);
  std::sort(from_left.begin(), from_left.end(), [&](int a, int b) {
    return cell.bins[static_cast<std::size_t>(a)].centre.y() > cell.bins[static_cast<std::size_t>(b)].centre.y();
  });
  const auto rank = static_cast<std::size_t>(static_cast<int>(order.place) - static_cast<int>(PlaceWord::kLeft));
  if (rank < from_left.size()) goal.bin = from_left[rank];
  return goal;
}

bool OnTheWay(const Goal& before, const Goal& goal) {
  int shared = 0;
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) shared += before.wanted[slot] && goal.wanted[slot];
  return before.bin == goal.bin && before.count <= goal.count && shared >= before.count;
}

bool HasMoved(const World& world, const TaskState& state, std::size_t slot) {
  const Vector3d start(state.p_start[slot][0], state.p_start[slot][1], state.p_start[slot][2]);
  return (world.measured.parts[slot].p - start).norm() > kDisturbance;
}

bool Disturbed(const World& world, const TaskState& state, const Goal& goal) {
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    if (world.episode.cell.parts[slot].present && !goal.wanted[slot] && HasMoved(world, state, slot)) return true;
  }
  return false;
}

void Advance(bool holds, const std::array<std::array<double, 3>, kMaxParts>& now, double rest, Hold& hold) {
  for (std::size_t i = 0; i < now.size() && hold.steps > 0; ++i) {
    const Vector3d moved(now[i][0] - hold.p[i][0], now[i][1] - hold.p[i][1], now[i][2] - hold.p[i][2]);
    if (moved.norm() > rest) hold.steps = 0;
  }
  if (hold.steps == 0) hold.p = now;
  hold.steps = holds ? hold.steps + 1 : 0;
}

std::array<std::array<double, 3>, kMaxParts> WantedPositions(const World& world, const Goal& goal) {
  std::array<std::array<double, 3>, kMaxParts> positions{};
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    const Vector3d& p = world.measured.parts[slot].p;
    if (goal.wanted[slot]) positions[slot] = {p.x(), p.y(), p.z()};
  }
  return positions;
}

void NoteThrows(const World& world, const Goal& goal, TaskState& state) {
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    Release& release = state.release[slot];
    if (!goal.wanted[slot] || !release.touched) continue;
    const Measured::Part& part = world.measured.parts[slot];
    const sim::PartSpec& spec = world.episode.cell.parts[slot];
    if (world.measured.held == static_cast<int>(slot)) {
      release.thrown = false;
    } else if (!part.touched) {
      const double rest = sim::PartHalfSize(spec.shape, spec.size).z() + (part.in_bin >= 0 ? sim::kBinFloor : 0);
      release.thrown = release.thrown || release.height - rest > kReleaseHeight || release.speed > kReleaseSpeed;
    }
  }
}

bool AnyThrown(const Goal& goal, const TaskState& state) {
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
    if (goal.wanted[slot] && state.release[slot].thrown) return true;
  }
  return false;
}

EnvSpec BaseSpec(const std::string& name, const std::string& description) {
  EnvSpec spec;
  spec.task = name;
  spec.description = description;
  spec.robots = {"ur5e"};
  spec.observation = ObservationFields();
  spec.action = ActionField();
  spec.action_convention = kActionConvention;
  return spec;
}

double TiltFromDown(const sim::TcpPose& tcp) {
  return std::acos(std::clamp(-(tcp.q_WT * Vector3d::UnitZ()).z(), -1.0, 1.0));
}

std::array<double, sim::kActionSize> MoveTo(const World& world, const TaskState& state, const Vector3d& position,
                                            double turn, double opening) {
  const Vector3d x_axis = world.measured.tcp.q_WT * Vector3d::UnitX();
  const double yaw = std::atan2(x_axis.y(), x_axis.x()) + turn;
  const Eigen::Quaterniond down(0, 1, 0, 0);  // half a turn about x: z points down
  const Eigen::Quaterniond wanted = Eigen::Quaterniond(Eigen::AngleAxisd(yaw, Vector3d::UnitZ())) * down;
  auto action = sim::ActionTowards(world.controller, state.controller, {position, wanted}, opening);
  double longest = 1;
  for (std::size_t i = 0; i < 3; ++i) longest = std::max(longest, std::abs(kGain * action[i]));
  for (std::size_t i = 0; i < 3; ++i) action[i] *= kGain / longest;
  for (std::size_t i = 3; i < 6; ++i) action[i] = std::clamp(kGain * action[i], -1.0, 1.0);
  action[6] = std::clamp(action[6], -1.0, 1.0);
  return action;
}

}  // namespace genba::envs

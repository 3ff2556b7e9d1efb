// task.h - a kind of work: what is asked, shown, rewarded and counted as success. The one virtual seam of envs.
// A Task is stateless; everything that changes sits in TaskState beside the physics row. VecEnv calls Judge and Expert
// for many worlds at once from its parallel pass: they are const, noexcept in spirit, allocate nothing, touch only
// their world. To add one: a file in envs/tasks/, a row in registry.cc.
#pragma once
#include <Eigen/Core>
#include <Eigen/Geometry>
#include <array>
#include <memory>

#include "core/answer.h"
#include "core/spec.h"
#include "envs/disturbances.h"
#include "envs/scene.h"
#include "sim/cartesian_control.h"
#include "sim/contacts.h"

namespace genba::envs {

inline constexpr int kMaxParts = sim::kMaxPartSlots;
inline constexpr int kMaxPlaces = sim::kMaxBins;
// Columns of the observation's fields, and the first column of the kind of a part, of the name of a place.
inline constexpr int kPartIdentity = 13, kPlaceIdentity = 12;
inline constexpr int kProprioSize = 29, kPartSize = kPartIdentity + kNumColours + kNumShapes + 2,
                     kPlaceSize = kPlaceIdentity + kNumPlaces + 1;
inline constexpr int kObservationSize = kProprioSize + kMaxParts * kPartSize + kMaxPlaces * kPlaceSize;

// Since when a goal's predicate has held, and where things were then: rest is told by displacement, not by speed.
struct Hold {
  int steps = 0;                                     // without a break
  std::array<std::array<double, 3>, kMaxParts> p{};  // [m] of the parts (reach: of the TCP, first row) at its beginning
};

// How the robot last had a part: its height and speed when it last moved along with the tool that touched it, and whether
// that was a throw. (What is let go and brushes a finger on its way down is had no longer.)
struct Release {
  bool touched = false;  // ever
  bool thrown = false;   // let go too high or too fast, and not grasped again since
  double height = 0;     // [m] of the centre
  double speed = 0;      // [m/s] of the centre or of the tool, whichever is faster
};

// Everything of an episode that changes besides the physics row. Trivially copyable: saving it is copying its bytes.
struct TaskState {
  sim::ControllerState controller;
  int step = 0;  // control steps done
  Hold goal_hold;
  Hold old_goal_hold;      // the same of the counterfactual's old goal
  bool disturbed = false;  // a part that was not asked for has been moved
  bool old_disturbed = false;
  bool did_old_task = false;
  std::array<std::array<double, 3>, kMaxParts> p_start{};  // [m] where the parts lay at first
  std::array<Release, kMaxParts> release{};                // of each part
  Answer answer = Answer::kAct;                            // of the last step
  Hold declined_hold;                                      // the tool at rest while the answer is not to act
  std::array<double, 3> p_start_tcp{};                     // [m]
  std::array<double, sim::kArmJoints> q_start{};           // [rad]
  bool moved = false;                                      // within kMovedTime: tool, arm or a part
  std::array<std::array<double, sim::kActionSize>, kMaxDelaySteps + 1> late_actions{};  // ring of Delayed
  std::array<std::array<float, kObservationSize>, kMaxDelaySteps + 1> late_obs{};       // ring of Delayed
};

// What the order asks for, in slots of this cell. Constant during an episode.
struct Goal {
  std::array<bool, kMaxParts> wanted{};  // the order may be about this part
  int count = 0;                         // so many of them, no more
  int bin = -1;                          // index of the named bin, -1 none
  bool any() const {
    for (const bool w : wanted) {
      if (w) return true;
    }
    return false;
  }
};
Goal GoalOf(const Order& order, const EpisodePlan& plan, const sim::CellSpec& cell);
// Whether what one order asks for is reached on the way to what another asks for: then it proves nothing.
bool OnTheWay(const Goal& before, const Goal& goal);

struct Episode {  // constant during an episode
  EpisodePlan plan;
  sim::CellSpec cell;
  Goal goal;
  Goal old_goal;    // of the counterfactual probe; empty otherwise
  int horizon = 0;  // control steps until truncation
  sim::ControllerConfig controller;
  int action_delay = 0, observation_delay = 0;  // control steps
  std::vector<int> lost;                        // columns of the observation that read 0
};

// Measured once per control step after physics; observation, reward, success and expert all read this.
struct Measured {
  sim::TcpPose tcp;
  Eigen::Vector3d v_WT = Eigen::Vector3d::Zero();  // [m/s] TCP
  double opening = 0;                              // [m] between the pads
  struct Part {
    Eigen::Vector3d p = Eigen::Vector3d::Zero();  // [m] centre, world
    double grasp_turn = 0;  // [rad] the gripper must turn about world z to grasp it, (-π/2, π/2]
    double up = 1;          // z component of the part's z axis
    double speed = 0;       // [m/s] of the centre
    int in_bin = -1;        // index of the bin it lies in
    bool touched = false;   // by the robot, in any sub-step
  };
  std::array<Part, kMaxParts> parts;  // present ones only
  int held = -1;                      // slot of the part between the closed fingers
  sim::ContactSummary contacts;       // of the last sub-step
  double peak_force = 0;              // [N] largest ContactSummary::peak over the sub-steps
};

struct World {  // one world as the pass sees it
  const Episode& episode;
  const sim::ControllerConfig& controller;
  const sim::CellIds& ids;
  const Measured& measured;
};

struct Judgement {
  std::array<float, 8> reward_terms{};  // in EnvSpec::reward_terms order
  std::array<float, 8> measures{};      // in EnvSpec::measures order
  int cause = 0;                        // index into EnvSpec::terminations; 0 goes on
  std::uint32_t events = 0;
};

enum Event : std::uint32_t {  // bits of StepBatch::events
  kHolding = 1,               // a part is between the fingers
  kHoldingWrong = 2,          // … that was not asked for
  kDisturbed = 4,             // a part that was not asked for has moved by more than a centimetre
  kPlaced = 8,                // at least one wanted part is where it belongs
  kHardContact = 16,          // more than kHardContactForce
  kThrown = 32,               // a wanted part was let go too high or too fast
  kMoved = 64,                // something has moved in the first kMovedTime of the episode
};
// What counts as having moved, for an instruction that is not to be acted on.
inline constexpr double kMovedTime = 3;          // [s]
inline constexpr double kMovedTool = 0.005;      // [m]
inline constexpr double kMovedJoint = 0.02;      // [rad]
inline constexpr double kMovedPart = 0.002;      // [m]
inline constexpr double kDeclineTime = 1;        // [s] at rest with another answer than to act, and the episode ends
inline constexpr double kHardContactForce = 50;  // [N]
// [N] Above it the robot's own protection would stop it (a UR5e's force limit can be set to 250 N at most): the episode
// ends there, and is no success whatever else was achieved (design law 5).
inline constexpr double kSafetyStopForce = 250;

class Task {
 public:
  virtual ~Task() = default;
  virtual const EnvSpec& spec() const = 0;
  virtual Verb verb() const = 0;
  virtual SceneLimits limits() const = 0;  // timestep is the spec's
  virtual int Horizon(const EpisodePlan& plan) const = 0;
  // What the task makes of this step, and what every task makes of a hard contact and of an answer that is not to act.
  Judgement Judge(const World& world, TaskState& state) const;
  // The expert's action for what it sees now; a function of the measurement only, so that a policy can learn it.
  virtual std::array<double, sim::kActionSize> Expert(const World& world, const TaskState& state) const = 0;

 private:
  virtual Judgement Assess(const World& world, TaskState& state) const = 0;
};

// The controller of a task's robot: its period is the spec's.
sim::ControllerConfig ControllerOf(const EnvSpec& spec);

// Index into spec.terminations; every task declares success, timeout, wrong_part, declined, safety_stop and fault.
int CauseIndex(const EnvSpec& spec, const std::string& cause);

std::unique_ptr<Task> MakeReach();
std::unique_ptr<Task> MakePickBin();
std::unique_ptr<Task> MakeTask(const std::string& name);  // Error(kBadInput) listing the known

}  // namespace genba::envs

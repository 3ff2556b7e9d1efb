// What the fingers hold stays where they hold it: carries of the expert, measured from the physics alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "env_harness.h"
#include "envs/task.h"
#include "sim/cartesian_control.h"
#include "sim/cell_ids.h"

namespace genba::envs {
namespace {

using Eigen::Vector3d;

constexpr double kNear = 0.022;    // [m] from the TCP: between the pads
constexpr double kLifted = 0.005;  // [m] over where the part lay: what is carried touches nothing but the pads

// One world's carry: where the part was between the pads when it left the ground, and how far it has moved along them.
struct Carried {
  int slot = -1;
  Vector3d first = Vector3d::Zero();  // [m] of the part in the TCP's frame: x along the pads, y across, z out
  double slip = 0;                    // [m]
};

class Carries {
 public:
  explicit Carries(const VecEnv& env)
      : ids_(sim::FindCellIds(*env.model(0))),
        chain_(sim::ReadArmChain(*env.model(0), ids_)),
        physics_(static_cast<std::size_t>(env.physics_size())),
        rest_(static_cast<std::size_t>(env.num_worlds())),
        now_(rest_.size()) {}
  // Before a step; closed: its command keeps the gripper shut.
  void Note(const VecEnv& env, int world, bool closed) {
    Carried& carried = now_[static_cast<std::size_t>(world)];
    const std::optional<Seen> seen = Look(env, world);
    const bool goes_on = closed && seen && seen->slot == carried.slot;
    if (carried.slot >= 0 && !goes_on) End(carried);
    if (!closed || !seen) return;
    if (carried.slot < 0) carried = {seen->slot, seen->p_TP, 0};
    const Vector3d moved = seen->p_TP - carried.first;
    carried.slip = std::max(carried.slip, std::hypot(moved.x(), moved.z()));
  }
  std::vector<double> slips;  // [m] of each carry that has ended

 private:
  struct Seen {
    int slot;
    Vector3d p_TP;
  };
  void End(Carried& carried) {
    slips.push_back(carried.slip);
    carried = {};
  }
  std::optional<Seen> Look(const VecEnv& env, int world) {
    env.PhysicsState(world, physics_);
    const double* qpos = physics_.data() + 1;
    auto& rest = rest_[static_cast<std::size_t>(world)];
    if (env.step_in_episode(world) == 0) {
      for (std::size_t slot = 0; slot < static_cast<std::size_t>(ids_.num_parts); ++slot)
        rest[slot] = qpos[ids_.part_qpos[slot] + 2];
    }
    std::array<double, sim::kArmJoints> q{};
    for (std::size_t j = 0; j < q.size(); ++j) q[j] = qpos[ids_.arm_qpos[j]];
    const sim::TcpPose tcp = sim::ForwardKinematics(chain_, q);
    for (std::size_t slot = 0; slot < static_cast<std::size_t>(ids_.num_parts); ++slot) {
      const Eigen::Map<const Vector3d> p(qpos + ids_.part_qpos[slot]);
      const Vector3d p_TP = tcp.q_WT.conjugate() * (p - tcp.p_WT);
      if (p_TP.norm() < kNear && p.z() > rest[slot] + kLifted) return Seen{static_cast<int>(slot), p_TP};
    }
    return std::nullopt;
  }
  sim::CellIds ids_;
  sim::ArmChain chain_;
  std::vector<double> physics_;
  std::vector<std::array<double, kMaxParts>> rest_;  // [m] height at the episode's start
  std::vector<Carried> now_;
};

TEST(Grasp, SlipsLessThanAMillimetreInACarry) {
  VecEnvConfig config;
  config.task = "pick_bin";
  config.seed = 1;
  config.num_worlds = 32;
  config.num_episodes = 200;
  VecEnv env(config);
  Carries carries(env);
  PlayEpisodes(env, 200,
               [&](const VecEnv& e, int world, std::span<float> action) { carries.Note(e, world, action[6] < 0); });
  std::vector<double>& slips = carries.slips;
  ASSERT_GT(slips.size(), 200U);
  std::sort(slips.begin(), slips.end());
  const auto at = [&](double share) {
    return slips[static_cast<std::size_t>(share * static_cast<double>(slips.size() - 1))];
  };
  printf("slip [mm] of %zu carries: p50 %.2f p95 %.2f p99 %.2f max %.2f\n", slips.size(), 1e3 * at(0.5), 1e3 * at(0.95),
         1e3 * at(0.99), 1e3 * slips.back());
  EXPECT_LE(at(0.95), 0.001);
}

}  // namespace
}  // namespace genba::envs

#include "tests/bench/cell_export.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/json.h"
#include "core/rng.h"
#include "envs/observation.h"
#include "envs/task.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::bench {

namespace {

template <class T>
void Append(std::string& bytes, std::span<const T> values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

nlohmann::json Pair(const Eigen::Vector2d& v) { return {v.x(), v.y()}; }

nlohmann::json ToJson(const sim::PartSpec& part) {
  const Eigen::Vector3d half = sim::PartHalfSize(part.shape, part.size);
  return {{"present", part.present},
          {"colour", static_cast<int>(part.colour)},
          {"shape", static_cast<int>(part.shape)},
          {"half", {half.x(), half.y(), half.z()}},
          {"grasp_width", sim::PartGraspWidth(part.shape, part.size)}};
}

nlohmann::json ToJson(const sim::BinSpec& bin) {
  return {{"centre", Pair(bin.centre)}, {"yaw", bin.yaw}, {"half", Pair(bin.half_inner)}, {"height", bin.height}};
}

nlohmann::json ToJson(const sim::ControllerConfig& c) {
  return {{"period", c.control_period},
          {"max_translation", c.max_translation},
          {"max_rotation", c.max_rotation},
          {"lead_translation", c.lead_translation},
          {"lead_rotation", c.lead_rotation},
          {"low", c.workspace_low},
          {"high", c.workspace_high},
          {"damping", c.damping},
          {"iterations", c.iterations},
          {"max_joint_speed", c.max_joint_speed},
          {"max_joint_acceleration", c.max_joint_acceleration},
          {"joint_margin", c.joint_margin},
          {"max_finger_speed", c.max_finger_speed},
          {"lead_opening", c.lead_opening},
          {"opening", sim::kGripperOpening}};
}

nlohmann::json SceneOf(const envs::Task& task, std::uint64_t episode) {
  const envs::VecEnvConfig config;
  const envs::Scene scene = envs::DrawScene(task.verb(), task.limits(), config.seed, episode, config.options);
  const envs::Goal goal = envs::GoalOf(scene.plan.order, scene.plan, scene.cell);
  std::string mjcf;
  sim::CellBuilder(scene.cell).Build(true, &mjcf);
  nlohmann::json parts = nlohmann::json::array(), bins = nlohmann::json::array();
  for (const sim::PartSpec& part : scene.cell.parts) parts.push_back(ToJson(part));
  for (const sim::BinSpec& bin : scene.cell.bins) bins.push_back(ToJson(bin));
  return {{"mjcf", mjcf},
          {"parts", parts},
          {"bins", bins},
          {"wanted", envs::WantedSlots(scene.plan, scene.cell)},
          {"count", goal.count},
          {"bin", goal.bin},
          {"horizon", task.Horizon(scene.plan)}};
}

// The arrays of a trace, as they grow.
struct Trace {
  std::string actions, episode, state, controller, obs, terms, cause;
};

void AppendWorlds(const envs::VecEnv& env, const StepBatch& batch, Trace& trace) {
  Append<float>(trace.obs, batch.obs);
  for (int world = 0; world < env.num_worlds(); ++world) {
    const auto episode = static_cast<std::int32_t>(env.plan(world).episode);
    Append<std::int32_t>(trace.episode, {&episode, 1});
    Append<double>(trace.state, env.integration_row(world));
    static_assert(std::is_trivially_copyable_v<sim::ControllerState>);
    trace.controller.append(reinterpret_cast<const char*>(&env.commanded(world)), sizeof(sim::ControllerState));
  }
}

void AppendStep(const StepBatch& batch, Trace& trace) {
  Append<float>(trace.terms, batch.reward_terms);
  for (int world = 0; world < batch.num_worlds; ++world) {
    const auto w = static_cast<std::size_t>(world);
    const std::int32_t cause = batch.truncated[w] != 0 ? -1 : batch.cause[w];
    Append<std::int32_t>(trace.cause, {&cause, 1});
  }
}

Trace Play(envs::VecEnv& env, int steps) {
  Trace trace;
  StepBatch batch(env.spec(), env.num_worlds());
  Commands commands;
  commands.Fit(env.num_worlds(), env.spec().action_dim());
  env.Reset(batch);
  AppendWorlds(env, batch, trace);
  std::vector<float> action;
  for (int step = 0; step < steps; ++step) {
    for (int world = 0; world < env.num_worlds(); ++world) {
      RandomAction(static_cast<std::uint64_t>(world), step, action);
      std::copy(action.begin(), action.end(),
                commands.actions.begin() + static_cast<std::ptrdiff_t>(action.size()) * world);
    }
    Append<float>(trace.actions, commands.actions);
    env.Step(commands, batch);
    AppendStep(batch, trace);
    AppendWorlds(env, batch, trace);
  }
  return trace;
}

void Write(const Trace& trace, const std::filesystem::path& folder) {
  WriteFileAtomically(folder / "actions.f32", trace.actions);
  WriteFileAtomically(folder / "episode.i32", trace.episode);
  WriteFileAtomically(folder / "state.f64", trace.state);
  WriteFileAtomically(folder / "controller.f64", trace.controller);
  WriteFileAtomically(folder / "obs.f32", trace.obs);
  WriteFileAtomically(folder / "terms.f32", trace.terms);
  WriteFileAtomically(folder / "cause.i32", trace.cause);
}

}  // namespace

void RandomAction(std::uint64_t world, int step, std::vector<float>& action) {
  Rng rng(static_cast<std::uint64_t>(step / kHoldActions), world, "peers");
  action.resize(sim::kActionSize);
  for (float& value : action) value = static_cast<float>(rng.Uniform(-1, 1));
}

envs::VecEnvConfig EnvConfig(const std::string& task, int worlds, int threads) {
  envs::VecEnvConfig config;
  config.task = task;
  config.num_worlds = worlds;
  config.num_threads = threads;
  return config;
}

void ExportCell(const std::string& task, const ExportSize& size, const std::filesystem::path& folder) {
  MakeWritableFolder(folder);
  envs::VecEnvConfig config = EnvConfig(task, size.worlds, 1);
  config.sleep = false;  // others do not know what sleeps
  envs::VecEnv env(config);
  const auto maker = envs::MakeTask(task);
  nlohmann::json scenes = nlohmann::json::array();
  for (int episode = 0; episode < size.scenes; ++episode)
    scenes.push_back(SceneOf(*maker, static_cast<std::uint64_t>(episode)));
  Write(Play(env, size.steps), folder);
  const nlohmann::json cell = {{"task", task},
                               {"spec", genba::ToJson(env.spec())},
                               {"controller", ToJson(envs::ControllerOf(env.spec()))},
                               {"hold_steps", env.spec().hold_steps()},
                               {"worlds", size.worlds},
                               {"steps", size.steps},
                               {"scenes", scenes}};
  WriteFileAtomically(folder / "cell.json", ToText(cell));
}

}  // namespace genba::bench

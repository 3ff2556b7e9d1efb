#include "trainer/episode_recorder.h"

#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "core/processor.h"
#include "core/version.h"
#include "envs/observation.h"
#include "envs/scene.h"

namespace genba::trainer {

namespace {

template <class T>
void AppendRow(std::vector<T>& to, const std::vector<T>& rows, int row, int width) {
  const auto at = rows.begin() + static_cast<std::ptrdiff_t>(row) * width;
  to.insert(to.end(), at, at + width);
}

}  // namespace

std::uint64_t StepHash(const HashedStep& step, std::span<const double> physics_after) {
  std::uint64_t hash = Hash64(step.action);
  hash = Hash64(std::span<const std::uint8_t>(&step.answer, 1), hash);
  hash = Hash64(std::span<const float>(&step.probability, 1), hash);
  return Hash64(physics_after, hash);
}

datasets::DatasetInfo DescribeDataset(const envs::VecEnv& env, const std::string& policy,
                                      const std::string& config_toml) {
  datasets::DatasetInfo info;
  info.engine_version = mj_versionString();
  info.builder_version = sim::kBuilderVersion;
  info.processor = ProcessorType();
  info.revision = Revision();
  info.policy = policy;
  info.spec = env.spec();
  info.physics_size = env.physics_size();
  info.state_size = static_cast<int>(env.integration_row(0).size());
  info.ctrl_size = env.ctrl_size();
  info.config_toml = config_toml;
  return info;
}

std::string AsAttribute(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      shown += {'\xE2', '\x90', static_cast<char>(0x80 + (byte == 0x7F ? 0x21 : byte))};  // U+2400 and on
    else
      shown += c;
  }
  return shown;
}

datasets::Episode Completed(Recorded recorded) {
  datasets::Episode& e = recorded.episode;
  e.model_hash = recorded.model->Hash();
  const std::size_t width = e.actions.size() / static_cast<std::size_t>(e.num_steps), size = e.final_state.size();
  const std::span<const float> actions(e.actions);
  const std::span<const double> states(e.states), last(e.final_state);
  for (std::size_t step = 0; step < static_cast<std::size_t>(e.num_steps); ++step) {
    const bool ends = step + 1 == static_cast<std::size_t>(e.num_steps);
    e.step_hashes.push_back(
        StepHash({actions.subspan(step * width, width), e.answers[step], e.answer_probabilities[step]},
                 ends ? last : states.subspan((step + 1) * size, size)));
  }
  e.answer = genba::Name(static_cast<Answer>(e.answers.back()));
  return std::move(e);
}

EpisodeRecorder::EpisodeRecorder(const envs::VecEnv& env, std::string policy, Sink sink)
    : policy_(std::move(policy)),
      sink_(std::move(sink)),
      running_(static_cast<std::size_t>(env.num_worlds())),
      next_(env.config().first_episode) {}

void EpisodeRecorder::Begin(const envs::VecEnv& env, int world) {
  const envs::EpisodePlan& plan = env.plan(world);
  datasets::Episode e;
  e.index = plan.episode;
  e.seed = plan.seed;
  e.task = env.spec().task;
  e.plan = envs::ToJson(plan).dump();
  e.cell = envs::CellToJson(env.cell(world));
  e.model_xml = env.mjcf(world);
  e.order = envs::ToText(plan.order);
  e.text = AsAttribute(plan.text);
  e.language = envs::Name(plan.language);
  e.split = envs::Name(plan.split);
  e.policy = policy_;
  const auto row = env.integration_row(world);
  e.initial_row.assign(row.begin(), row.end());
  const auto ctrl = env.Ctrl(world);
  e.initial_ctrl.assign(ctrl.begin(), ctrl.end());
  e.wanted = envs::WantedSlots(plan, env.cell(world));
  running_[static_cast<std::size_t>(world)] = {std::move(e), env.model(world)};
}

void EpisodeRecorder::BeforeStep(const envs::VecEnv& env, const StepBatch& batch, const Commands& commands) {
  const int width = env.spec().action_dim();
  for (int world = 0; world < env.num_worlds(); ++world) {
    const auto w = static_cast<std::size_t>(world);
    if (batch.active[w] == 0) continue;
    if (env.step_in_episode(world) == 0) Begin(env, world);
    datasets::Episode& e = running_[w].episode;
    const std::size_t at = e.states.size();
    e.states.resize(at + static_cast<std::size_t>(env.physics_size()));
    env.PhysicsState(world, std::span<double>(e.states).subspan(at));
    AppendRow(e.actions, commands.actions, world, width);
    e.answers.push_back(static_cast<std::uint8_t>(commands.answers[w]));
    e.answer_probabilities.push_back(commands.probabilities[w]);
    AppendRow(e.expert_actions, batch.expert_action, world, width);
    AppendRow(e.obs, batch.obs, world, env.spec().obs_dim());
    ++e.num_steps;
  }
}

void EpisodeRecorder::AfterStep(const envs::VecEnv& env, const StepBatch& batch) {
  std::vector<double> physics(static_cast<std::size_t>(env.physics_size()));
  for (int world = 0; world < env.num_worlds(); ++world) {
    const auto w = static_cast<std::size_t>(world);
    if (batch.active[w] == 0) continue;
    datasets::Episode& e = running_[w].episode;
    const bool done = batch.done(world);
    if (done) {
      env.EndedPhysicsState(world, physics);
    } else {
      env.PhysicsState(world, physics);
    }
    const auto ctrl = done ? env.EndedCtrl(world) : env.Ctrl(world);
    e.ctrl.insert(e.ctrl.end(), ctrl.begin(), ctrl.end());
    e.rewards.push_back(batch.reward[w]);
    AppendRow(e.reward_terms, batch.reward_terms, world, env.spec().num_reward_terms());
    AppendRow(e.measures, batch.measures, world, env.spec().num_measures());
    e.events.push_back(batch.events[w]);
    e.dones.push_back(done);
    e.terminated.push_back(batch.terminated[w] != 0);
    e.truncated.push_back(batch.truncated[w] != 0);
    e.final_state = physics;
    if (done) End(env, batch, world);
  }
}

void EpisodeRecorder::End(const envs::VecEnv& env, const StepBatch& batch, int world) {
  const auto w = static_cast<std::size_t>(world);
  datasets::Episode& e = running_[w].episode;
  AppendRow(e.last_obs, batch.final_obs, world, env.spec().obs_dim());
  e.success = batch.success[w] != 0;
  e.cause = env.spec().terminations[batch.cause[w]];
  e.fault = sim::FaultName(env.ended_fault(world).fault);
  HandOut(std::move(running_[w]));
  running_[w] = {};
}

void EpisodeRecorder::HandOut(Recorded recorded) {
  const std::uint64_t index = recorded.episode.index;
  waiting_.emplace(index, std::move(recorded));
  for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;
       first = waiting_.erase(first), ++next_)
    sink_(std::move(first->second));
}

}  // namespace genba::trainer

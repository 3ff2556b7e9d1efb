#include "envs/vec_env.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "envs/measure.h"
#include "envs/vec_env_impl.h"

namespace genba::envs {

const char* Name(Probe probe) {
  switch (probe) {
    case Probe::kNone:
      return "none";
    case Probe::kBlank:
      return "blank";
    case Probe::kCounterfactual:
      return "counterfactual";
    case Probe::kOtherLanguage:
      return "other_language";
  }
  return "unknown";
}

namespace {

VecEnvConfig Checked(const VecEnvConfig& config) {
  if (config.num_worlds < 1 || config.num_worlds > 65536)
    throw BadInput({"environment", "worlds", "1 … 65536", std::to_string(config.num_worlds)});
  if (config.num_threads < 0 || config.num_threads > 4096)
    throw BadInput({"environment", "threads", "0 … 4096", std::to_string(config.num_threads)});
  if (!config.options.forced_order.empty() && config.num_episodes != 1)
    throw BadInput({"environment", "forced_order", "one episode", std::to_string(config.num_episodes)});
  return config;
}

Scene FirstScene(const VecEnvConfig& config) {
  const std::unique_ptr<Task> task = MakeTask(config.task);
  return DrawScene(task->verb(), task->limits(), config.seed, config.first_episode, config.options);
}

}  // namespace

VecEnv::Impl::Impl(const VecEnvConfig& c, Scene first, const std::shared_ptr<const sim::Model>& model)
    : config(Checked(c)),
      task(MakeTask(c.task)),
      spec(task->spec()),
      sim(model, {c.num_worlds, c.num_threads}),
      ids(sim::FindCellIds(*model)),
      chain(sim::ReadArmChain(*model, ids)),
      slots(static_cast<std::size_t>(c.num_worlds)),
      success(CauseIndex(spec, "success")),
      declined(CauseIndex(spec, "declined")),
      timeout(CauseIndex(spec, "timeout")),
      wrong_part(CauseIndex(spec, "wrong_part")),
      fault(CauseIndex(spec, "fault")),
      physics_size(1 + static_cast<int>(model->get()->nq + model->get()->nv)),
      ctrl_size(static_cast<int>(model->get()->nu)),
      fixed(std::move(first)) {
  for (Slot& slot : slots) slot.episode.cell = fixed.cell;  // of the model that every world has until Reset
}

VecEnv::VecEnv(const VecEnvConfig& config) {
  const Scene first = FirstScene(Checked(config));
  Episode checked;  // refuses disturbances that cannot be played here, not in the pass
  ReadDisturbances(SpecOf(config.task), config.options.disturbances, checked);
  impl_ = std::make_unique<Impl>(config, first, sim::CellBuilder(first.cell).Build(config.sleep));
}
VecEnv::VecEnv(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VecEnv::~VecEnv() = default;

const EnvSpec& VecEnv::spec() const { return impl_->spec; }
const VecEnvConfig& VecEnv::config() const { return impl_->config; }
int VecEnv::num_worlds() const { return impl_->config.num_worlds; }

void VecEnv::Reset(StepBatch& batch) {
  std::vector<int> worlds;
  impl_->next_number = impl_->config.first_episode;
  for (int world = 0; world < num_worlds(); ++world) {
    Slot& slot = impl_->At(world);
    impl_->Reserve(slot);
    slot.active = slot.next_episode < impl_->EpisodesEnd();
    batch.active[static_cast<std::size_t>(world)] = slot.active;
    if (slot.active) worlds.push_back(world);
  }
  impl_->StartEpisodes(worlds, batch);
  for (const int world : worlds) impl_->Reserve(impl_->At(world));
}

void VecEnv::Step(const Commands& commands, StepBatch& batch) {
  impl_->Step(View2<const float>(commands.actions.data(), num_worlds(), impl_->spec.action_dim()), commands.answers,
              batch);
}
void VecEnv::Step(View2<const float> actions, StepBatch& batch) { impl_->Step(actions, {}, batch); }

void VecEnv::PlayNext(int world, std::uint64_t episode) {
  GENBA_CHECK(impl_->At(world).active && episode < impl_->EpisodesEnd(),
              "a running world and an episode of this environment");
  impl_->At(world).next_episode = episode;
}

const EpisodePlan& VecEnv::plan(int world) const { return impl_->At(world).episode.plan; }
int VecEnv::step_in_episode(int world) const { return impl_->At(world).state.step; }
const sim::CellSpec& VecEnv::cell(int world) const { return impl_->At(world).episode.cell; }
const std::shared_ptr<const sim::Model>& VecEnv::model(int world) const { return impl_->sim.model(world); }
const std::string& VecEnv::mjcf(int world) const { return impl_->At(world).mjcf; }
const EpisodePlan& VecEnv::ended_plan(int world) const { return impl_->At(world).ended.plan; }
const sim::FaultReport& VecEnv::ended_fault(int world) const { return impl_->At(world).ended.fault; }
bool VecEnv::ended_did_old_task(int world) const { return impl_->At(world).ended.did_old_task; }

int VecEnv::physics_size() const { return impl_->physics_size; }
void VecEnv::PhysicsState(int world, std::span<double> state) const {
  GENBA_CHECK(state.size() == static_cast<std::size_t>(physics_size()), "physics_size() numbers");
  const auto row = impl_->sim.row(world);
  std::copy_n(row.begin(), state.size(), state.begin());
}
void VecEnv::EndedPhysicsState(int world, std::span<double> state) const {
  const std::vector<double>& ended = impl_->At(world).ended.physics;
  GENBA_CHECK(state.size() == ended.size(), "physics_size() numbers of a world that has ended an episode");
  std::copy(ended.begin(), ended.end(), state.begin());
}
int VecEnv::ctrl_size() const { return impl_->ctrl_size; }
std::span<const double> VecEnv::Ctrl(int world) const { return impl_->At(world).ctrl; }
std::span<const double> VecEnv::EndedCtrl(int world) const { return impl_->At(world).ended.ctrl; }
std::span<const double> VecEnv::integration_row(int world) const { return std::as_const(impl_->sim).row(world); }

namespace {

// Forces belong to the sub-step that has been made: they cannot be measured again from a state.
struct Carried {
  TaskState task;
  Touches touches;
};
static_assert(std::is_trivially_copyable_v<Carried>);

}  // namespace

std::string VecEnv::SaveWorld(int world) const {
  const Slot& slot = impl_->At(world);
  std::vector<double> physics;
  impl_->sim.Save(world, physics);
  const Carried carried{slot.state, slot.touches};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&carried);
  const nlohmann::json saved{{"task", impl_->config.task},
                             {"plan", ToJson(slot.episode.plan)},
                             {"cell", CellToJson(slot.episode.cell)},
                             {"physics", physics},
                             {"carried", nlohmann::json::binary({bytes, bytes + sizeof(Carried)})},
                             {"next", slot.next_episode},
                             {"handed_out", impl_->next_number},
                             {"active", slot.active}};
  const std::vector<std::uint8_t> cbor = nlohmann::json::to_cbor(saved);
  return {cbor.begin(), cbor.end()};
}

void VecEnv::RestoreWorld(int world, const std::string& bytes, StepBatch& batch) {
  const nlohmann::json saved = ParseCbor(bytes, "saved world");
  if (!saved.is_object() || !saved.contains("carried") || saved["task"] != impl_->config.task) {
    throw BadInput({"saved world", "", "a world of task " + impl_->config.task, "something else"});
  }
  const auto& from = saved["carried"].get_binary();
  if (from.size() != sizeof(Carried))
    throw BadInput({"saved world", "carried", std::to_string(sizeof(Carried)) + " bytes", std::to_string(from.size())});
  Carried carried;
  std::memcpy(&carried, from.data(), sizeof(Carried));
  const EpisodePlan plan = EpisodePlanFromJson(saved["plan"], "saved world");
  Slot& slot = impl_->At(world);
  const sim::CellSpec cell = CellFromJson(saved.value("cell", ""), "saved world");
  CheckScene(impl_->config.task, plan, cell, "saved world");
  slot.episode = impl_->PlayedIn({plan, cell});
  slot.state = carried.task;
  slot.touches = carried.touches;
  slot.next_episode = saved["next"].get<std::uint64_t>();
  impl_->next_number = std::max(impl_->next_number, saved["handed_out"].get<std::uint64_t>());
  slot.active = saved["active"].get<bool>();
  batch.active[static_cast<std::size_t>(world)] = slot.active;
  impl_->sim.SetModel(world, impl_->Build(slot));
  impl_->sim.Restore(world, saved["physics"].get<std::vector<double>>());
  const std::vector<int> one{world};
  impl_->sim.Apply(one, [&](const mjModel*, mjData* d, int) {
    slot.ctrl.assign(d->ctrl, d->ctrl + impl_->ctrl_size);
    slot.measured = Measure(slot.episode, impl_->ids, impl_->chain, d, slot.touches);
    impl_->Show(world, batch);
  });
}

sim::BatchSim& VecEnv::sim() { return impl_->sim; }

const sim::ControllerState& VecEnv::commanded(int world) const { return impl_->At(world).commanded; }

PhaseSeconds VecEnv::phases() const {
  PhaseSeconds sum;
  for (const Slot& slot : impl_->slots) {
    sum.control += slot.phases.control;
    sum.physics += slot.phases.physics;
    sum.observe += slot.phases.observe;
    sum.reset += slot.phases.reset;
    sum.resets += slot.phases.resets;
  }
  return sum;
}

std::unique_ptr<VecEnv> MakeReplayEnv(const std::string& task, const EpisodePlan& plan, const sim::CellSpec& cell) {
  VecEnvConfig config;
  config.task = task;
  config.num_worlds = config.num_threads = 1;
  config.seed = plan.seed;
  config.first_episode = plan.episode;
  config.num_episodes = 1;
  config.write_mjcf = true;
  auto impl = std::make_unique<VecEnv::Impl>(config, Scene{plan, cell}, sim::CellBuilder(cell).Build());
  impl->replay = true;
  return std::unique_ptr<VecEnv>(new VecEnv(std::move(impl)));
}

}  // namespace genba::envs

#include "trainer/evaluate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/log.h"
#include "core/progress.h"
#include "envs/refusals.h"
#include "envs/task.h"
#include "policies/checkpoint.h"
#include "trainer/acting.h"
#include "trainer/instructions.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;
using Outcomes = std::vector<EpisodeOutcome>;

constexpr std::string_view kGiven = "given ";  // begins the template_id of a text from a file

envs::EpisodeOptions Options(envs::Split split, envs::Probe probe) {
  envs::EpisodeOptions options;
  options.split = split;
  options.probe = probe;
  return options;
}

// The paraphrase probe is the row of held-out templates: same scenes and orders as the nominal row, other sentences.
std::vector<Row> StandardRows(bool probes) {
  using enum envs::Split;
  using envs::Probe;
  std::vector<Row> rows{{"train", Options(kTrain, Probe::kNone)}};
  if (!probes) return rows;
  rows.push_back({"templates", Options(kTemplates, Probe::kNone)});
  rows.push_back({"taught", Options(kTaught, Probe::kNone)});
  rows.push_back({"unseen", Options(kUnseen, Probe::kNone)});
  rows.push_back({"pairs", Options(kPairs, Probe::kNone)});
  rows.push_back({"blank", Options(kTrain, Probe::kBlank)});
  rows.push_back({kCounterfactual, Options(kTrain, Probe::kCounterfactual)});
  rows.push_back({"other_language", Options(kTrain, Probe::kOtherLanguage)});
  return rows;
}

// What a cell of this kind has to live with: delays of control and cameras, a calibration that is off, a start that is not
// home, worn pads, a sensor that is dead.
struct DisturbedRow {
  const char* name;
  double envs::Disturbances::*setting;
  double value;
};
constexpr std::array kDisturbedRows{
    DisturbedRow{"action delay 50 ms", &envs::Disturbances::action_delay, 0.05},
    DisturbedRow{"action delay 100 ms", &envs::Disturbances::action_delay, 0.10},
    DisturbedRow{"action delay 200 ms", &envs::Disturbances::action_delay, 0.20},
    DisturbedRow{"observation delay 100 ms", &envs::Disturbances::observation_delay, 0.10},
    DisturbedRow{"pose bias 3 mm", &envs::Disturbances::pose_bias, 0.003},
    DisturbedRow{"pose jitter 3 mm", &envs::Disturbances::pose_jitter, 0.003},
    DisturbedRow{"start pushed 100 mm", &envs::Disturbances::start_push, 0.10},
    DisturbedRow{"start tilted 20 deg", &envs::Disturbances::start_tilt, 0.35},
    DisturbedRow{"pad friction 0.4", &envs::Disturbances::pad_friction, 0.4}};
constexpr const char* kFingerForces = "proprio.26,proprio.27";

// Each the nominal row with one thing disturbed.
void AddDisturbedRows(std::vector<Row>& rows) {
  const auto add = [&](const std::string& name) -> envs::Disturbances& {
    rows.push_back({kDisturbed + name, rows.front().options});
    return rows.back().options.disturbances;
  };
  for (const DisturbedRow& row : kDisturbedRows) add(row.name).*row.setting = row.value;
  add("finger force lost").lost = kFingerForces;
}

// Each family of refusals in sentences that were not trained on.
void AddRefusedRows(std::vector<Row>& rows) {
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    rows.push_back({std::string(kRefused) + family.name, rows.front().options});
    envs::EpisodeOptions& options = rows.back().options;
    options.split = envs::Split::kTemplates;
    options.negatives = 1;
    options.families = {family.name};
  }
}

// Each the counterfactual probe in one aspect.
void AddCounterfactualRows(const std::string& task, std::vector<Row>& rows) {
  for (const envs::Aspect aspect : envs::AspectsOf(envs::MakeTask(task)->verb())) {
    if (aspect == envs::Aspect::kCount && rows.front().options.max_wanted == 1) continue;
    const std::string name = envs::kAspectNames.at(static_cast<std::size_t>(aspect));
    rows.push_back({kCounterfactual + (" " + name), rows.front().options});
    rows.back().options.probe = envs::Probe::kCounterfactual;
    rows.back().options.aspect = aspect;
  }
}

// The nominal row again, in the other language.
void AddOtherLanguage(std::vector<Row>& rows) {
  rows.push_back({"other_language", rows.front().options});
  rows.back().options.probe = envs::Probe::kOtherLanguage;
}

std::vector<Row> RowsOf(const EvalConfig& config) {
  const bool standard = config.suite == "standard";
  std::vector<Row> rows = StandardRows(standard && config.probes);
  for (Row& row : rows) {
    row.options.language = config.language;
    row.options.disturbances = config.disturbances;
    row.options.max_wanted = config.max_wanted;
  }
  if (config.suite == "robustness") AddDisturbedRows(rows);
  if (config.suite == "refuse") AddRefusedRows(rows);
  if (config.suite == "counterfactual") AddCounterfactualRows(config.task, rows);
  if (config.suite == "languages") AddOtherLanguage(rows);
  return rows;
}

std::size_t MeasureIndex(const EnvSpec& spec, const std::string& name) {
  for (std::size_t i = 0; i < spec.measures.size(); ++i) {
    if (spec.measures[i].name == name) return i;
  }
  GENBA_CHECK(false, "every task measures " + name);
}

// What a failure says beyond its cause.
std::string DetailOf(const EpisodeOutcome& outcome) {
  if (outcome.cause != "safety_stop") return "";
  std::array<char, 120> text{};
  std::snprintf(text.data(), text.size(), "contact force %.0f N over the limit of %.0f N in step %d",
                outcome.peak_force, envs::kSafetyStopForce, outcome.steps);
  return text.data();
}

class RowPlayer {
 public:
  RowPlayer(const EvalConfig& config, const envs::EpisodeOptions& options)
      : episodes_(static_cast<std::size_t>(config.episodes)),
        env_(EnvConfig(config, options)),
        batch_(env_.spec(), env_.num_worlds()),
        force_(MeasureIndex(env_.spec(), "peak_force")),
        playing_(static_cast<std::size_t>(env_.num_worlds())) {}

  template <class Done>
  Outcomes Play(Actor& actor, Done&& done) {
    env_.Reset(batch_);
    Outcomes ended;
    Commands commands;
    while (ended.size() < episodes_) {
      CheckInterrupt();
      actor.Act(env_, batch_, commands);
      env_.Step(commands, batch_);
      for (int world = 0; world < env_.num_worlds(); ++world) {
        if (batch_.active[static_cast<std::size_t>(world)] == 0 || !See(world, commands)) continue;
        ended.push_back(End(world));
        done(ended.size());
      }
    }
    std::sort(ended.begin(), ended.end(), [](const auto& a, const auto& b) { return a.episode < b.episode; });
    return ended;
  }

 private:
  static envs::VecEnvConfig EnvConfig(const EvalConfig& config, const envs::EpisodeOptions& options) {
    envs::VecEnvConfig env;
    env.task = config.task;
    env.num_worlds = std::min(config.worlds, config.episodes);
    env.num_threads = config.threads;
    env.seed = config.seed;
    env.num_episodes = static_cast<std::uint64_t>(config.episodes);
    env.options = options;
    return env;
  }

  // Takes down what a step showed; true when it was the episode's last.
  bool See(int world, const Commands& commands) {
    const auto w = static_cast<std::size_t>(world);
    EpisodeOutcome& outcome = playing_[w];
    ++outcome.steps;
    const auto measures = static_cast<std::size_t>(env_.spec().num_measures());
    outcome.peak_force = std::max(outcome.peak_force, static_cast<double>(batch_.measures[w * measures + force_]));
    outcome.moved = outcome.moved || (batch_.events[w] & envs::kMoved) != 0;
    outcome.answer = commands.answers[w];
    outcome.probability = commands.probabilities[w];
    return batch_.done(world);
  }

  EpisodeOutcome End(int world) {
    const auto w = static_cast<std::size_t>(world);
    const envs::EpisodePlan& plan = env_.ended_plan(world);
    EpisodeOutcome outcome = std::exchange(playing_[w], {});
    outcome.episode = plan.episode;
    outcome.success = batch_.success[w] != 0;
    outcome.did_old_task = env_.ended_did_old_task(world);
    outcome.chance = plan.chance;
    outcome.language = plan.language;
    outcome.order = plan.order;
    outcome.old_order = plan.old_order;
    outcome.cause = env_.spec().terminations[batch_.cause[w]];
    outcome.text = plan.text;
    outcome.detail = DetailOf(outcome);
    outcome.given = plan.template_id.starts_with(kGiven);
    outcome.expect = plan.expect;
    outcome.family = plan.family;
    return outcome;
  }

  std::size_t episodes_;
  envs::VecEnv env_;
  StepBatch batch_;
  std::size_t force_;
  std::vector<EpisodeOutcome> playing_;  // [N] as far as they have come
};

// The checkpoint that acts in every row, also when the run writes a newer one meanwhile.
fs::path Checkpoint(const std::string& source) {
  if (source == "expert" || source == "random" || source == "zero") return {};
  const policies::FoundCheckpoint found = policies::ResolveCheckpoint(source);
  for (const std::string& problem : found.problems) LogWarning(problem);
  return found.folder;
}

PolicyHashes HashesOf(const std::string& source, const fs::path& checkpoint) {
  if (checkpoint.empty()) return {source, {}, {}, {}, {}};
  const std::string file = (checkpoint / "policy.safetensors").string();
  const policies::Checkpoint read = policies::LoadCheckpoint(checkpoint, false);
  const policies::Manifest manifest = policies::GetManifest(read.policy, file);
  PolicyHashes hashes{checkpoint.filename().string(),
                      Sha256File(checkpoint / "policy.safetensors"),
                      manifest.features_hash,
                      {},
                      TasksOf(manifest.spec)};
  if (read.state.is_object() && read.state.contains("data_manifest_sha256"))
    hashes.data = JsonText(read.state, "data_manifest_sha256", (checkpoint / "state.json").string());
  return hashes;
}

fs::path RunOf(const fs::path& checkpoint) {
  if (checkpoint.empty()) return {};
  const fs::path run = fs::absolute(checkpoint).parent_path().parent_path();
  return fs::exists(run / "config.toml") ? run : fs::path();
}

void GiveInstructions(const std::vector<Instruction>& instructions, envs::EpisodeOptions& options) {
  if (options.probe == envs::Probe::kBlank || options.probe == envs::Probe::kOtherLanguage) return;
  for (const Instruction& line : instructions)
    options.instructions.push_back({line.order, line.text, line.language, line.expect, line.family});
}

// Before anything is played: do the scenes of this seed ask for what the file is about?
void CheckTheyFit(const EvalConfig& config, const envs::Task& task, const envs::EpisodeOptions& options) {
  int fit = 0;
  for (int k = 0; k < config.episodes; ++k) {
    const auto episode = static_cast<std::uint64_t>(k);
    const envs::Scene scene = envs::DrawScene(task.verb(), task.limits(), config.seed, episode, options);
    fit += scene.plan.template_id.starts_with(kGiven);
  }
  const std::string file = config.instructions.string(), episodes = std::to_string(config.episodes);
  if (fit < config.episodes)
    LogWarning(file + ": its instructions fit " + std::to_string(fit) + " of " + episodes +
               " episodes; generated texts are used in the others");
}

}  // namespace

std::vector<std::string> SuiteNames() {
  return {"standard", "robustness", "refuse", "counterfactual", "languages", "language"};
}

const Outcomes* Evaluation::Find(const std::string& row) const {
  for (const auto& [name, outcomes] : rows) {
    if (name == row) return &outcomes;
  }
  return nullptr;
}

Evaluation Evaluate(const EvalConfig& config) {
  const auto start = std::chrono::steady_clock::now();
  if (config.episodes < 1) throw BadInput({"eval", "--episodes", "at least 1", std::to_string(config.episodes)});
  const std::unique_ptr<envs::Task> task = envs::MakeTask(config.task);
  const EnvSpec& spec = task->spec();
  std::vector<Instruction> instructions;
  Evaluation evaluation;
  evaluation.config = config;
  evaluation.control_period = 1 / spec.control_hz();
  if (!config.instructions.empty()) {
    const std::string text = ReadStream(config.instructions, kLongestInstructions);  // once: it may be a pipe
    instructions = ReadInstructions(text, config.instructions.string(), task->verb());
    evaluation.instructions = static_cast<int>(instructions.size());
    evaluation.instructions_sha256 = Sha256(text);
  }
  const fs::path checkpoint = Checkpoint(config.policy);
  evaluation.policy = HashesOf(config.policy, checkpoint);
  evaluation.run = RunOf(checkpoint);
  const std::unique_ptr<Actor> actor =
      MakeActor(checkpoint.empty() ? config.policy : checkpoint.string(), spec, config.seed, {}, config.places);
  const bool other_tasks = evaluation.policy.tasks.size() > 1;
  if (config.suite == "language") {
    ReadingDraw draw{.task = config.task, .seed = config.seed, .items = config.episodes};
    draw.options.other_tasks = other_tasks;
    evaluation.language = ReadSuite(*actor, draw);
    evaluation.rows.emplace_back("train", Outcomes{});  // nothing was played
    evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return evaluation;
  }
  std::vector<Row> rows = RowsOf(config);
  for (Row& row : rows) row.options.other_tasks = other_tasks;
  Progress progress("eval " + config.task, "episodes", static_cast<std::int64_t>(rows.size()) * config.episodes);
  std::int64_t before = 0;
  for (Row& row : rows) {
    if (!instructions.empty()) GiveInstructions(instructions, row.options);
    if (!instructions.empty() && row.name == "train") CheckTheyFit(config, *task, row.options);
    RowPlayer player(config, row.options);
    evaluation.rows.emplace_back(row.name, player.Play(*actor, [&](std::size_t done) {
      progress.Update(before + static_cast<std::int64_t>(done), row.name);
    }));
    before += config.episodes;
  }
  evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return evaluation;
}

}  // namespace genba::trainer

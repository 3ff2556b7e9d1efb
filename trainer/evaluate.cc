#include "trainer/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "trainer/acting.h"

namespace genba::trainer {

namespace {

struct RowSpec {
  const char* name;
  envs::Split split;
  envs::Probe probe;
};
// The paraphrase probe is the row of held-out templates: same scenes and orders as the nominal row, other sentences.
constexpr std::array<RowSpec, 7> kRows{{{"train", envs::Split::kTrain, envs::Probe::kNone},
                                        {"templates", envs::Split::kTemplates, envs::Probe::kNone},
                                        {"words", envs::Split::kWords, envs::Probe::kNone},
                                        {"pairs", envs::Split::kPairs, envs::Probe::kNone},
                                        {"blank", envs::Split::kTrain, envs::Probe::kBlank},
                                        {"counterfactual", envs::Split::kTrain, envs::Probe::kCounterfactual},
                                        {"other_language", envs::Split::kTrain, envs::Probe::kOtherLanguage}}};
const std::vector<std::string> kSplits{"train", "templates", "words", "pairs"};

envs::VecEnvConfig EnvConfig(const EvalConfig& config, const RowSpec& row) {
  envs::VecEnvConfig env;
  env.task = config.task;
  env.num_worlds = std::min(config.worlds, config.episodes);
  env.num_threads = config.threads;
  env.seed = config.seed;
  env.num_episodes = static_cast<std::uint64_t>(config.episodes);
  env.options.split = row.split;
  env.options.probe = row.probe;
  env.options.language = config.language;
  if (!config.instructions.empty() && row.probe != envs::Probe::kBlank)
    env.options.instructions = ReadInstructions(config.instructions);
  return env;
}

std::size_t MeasureIndex(const EnvSpec& spec, const std::string& name) {
  for (std::size_t i = 0; i < spec.measures.size(); ++i) {
    if (spec.measures[i].name == name) return i;
  }
  GENBA_CHECK(false, "every task measures " + name);
}

EpisodeOutcome OutcomeOf(const envs::VecEnv& env, const StepBatch& batch, int world, const EpisodeOutcome& running) {
  const auto w = static_cast<std::size_t>(world);
  const envs::EpisodePlan& plan = env.ended_plan(world);
  EpisodeOutcome outcome = running;
  outcome.episode = plan.episode;
  outcome.success = batch.success[w] != 0;
  outcome.did_old_task = env.ended_did_old_task(world);
  outcome.chance = plan.chance;
  outcome.language = plan.language;
  outcome.cause = env.spec().terminations[batch.cause[w]];
  outcome.order = envs::ToText(plan.order);
  outcome.text = plan.text;
  return outcome;
}

std::vector<EpisodeOutcome> PlayRow(const EvalConfig& config, const RowSpec& row, Actor& actor, Progress& progress,
                                    std::int64_t done_before) {
  envs::VecEnv env(EnvConfig(config, row));
  const std::size_t force = MeasureIndex(env.spec(), "peak_force"), num_measures = env.spec().measures.size();
  StepBatch batch(env.spec(), env.num_worlds());
  env.Reset(batch);
  std::vector<EpisodeOutcome> running(static_cast<std::size_t>(env.num_worlds())), ended;
  std::vector<float> actions;
  while (ended.size() < static_cast<std::size_t>(config.episodes)) {
    CheckInterrupt();
    actor.Act(env, batch, actions);
    env.Step(View2<const float>(actions.data(), env.num_worlds(), env.spec().action_dim()), batch);
    for (int world = 0; world < env.num_worlds(); ++world) {
      const auto w = static_cast<std::size_t>(world);
      if (batch.active[w] == 0) continue;
      ++running[w].steps;
      running[w].peak_force =
          std::max(running[w].peak_force, static_cast<double>(batch.measures[w * num_measures + force]));
      if (!batch.done(world)) continue;
      ended.push_back(OutcomeOf(env, batch, world, running[w]));
      running[w] = {};
      progress.Update(done_before + static_cast<std::int64_t>(ended.size()), row.name);
    }
  }
  std::sort(ended.begin(), ended.end(),
            [](const EpisodeOutcome& a, const EpisodeOutcome& b) { return a.episode < b.episode; });
  return ended;
}

template <class Predicate>
Interval Rate(const std::vector<EpisodeOutcome>& outcomes, Predicate&& counts) {
  int successes = 0, trials = 0;
  for (const EpisodeOutcome& outcome : outcomes) {
    if (!counts(outcome)) continue;
    ++trials;
    successes += outcome.success;
  }
  return Wilson(successes, trials);
}
Interval Rate(const std::vector<EpisodeOutcome>& outcomes) {
  return Rate(outcomes, [](const EpisodeOutcome&) { return true; });
}

double Mean(const std::vector<EpisodeOutcome>& outcomes, double (*value)(const EpisodeOutcome&)) {
  double sum = 0;
  for (const EpisodeOutcome& outcome : outcomes) sum += value(outcome);
  return outcomes.empty() ? 0 : sum / static_cast<double>(outcomes.size());
}

// Nearest rank; 0 of nothing.
double Percentile(std::vector<double> values, double percent) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
  return values[std::min(values.size() - 1, rank == 0 ? 0 : rank - 1)];
}

double Ratio(double rate, double nominal) { return nominal > 0 ? rate / nominal : 0; }

const std::vector<EpisodeOutcome>& Nominal(const Evaluation& evaluation) { return evaluation.rows.at("train"); }

Interval RateInLanguage(const Evaluation& evaluation, envs::Language language) {
  return Rate(Nominal(evaluation), [language](const EpisodeOutcome& o) { return o.language == language; });
}

nlohmann::json ToJson(const Interval& interval) {
  return {{"rate", interval.rate}, {"low", interval.low}, {"high", interval.high}};
}

nlohmann::json ProbesJson(const Evaluation& evaluation) {
  const double nominal = Rate(Nominal(evaluation)).rate;
  nlohmann::json probes = nlohmann::json::object();
  auto with_ratio = [&](const std::string& row) {
    nlohmann::json out = ToJson(Rate(evaluation.rows.at(row)));
    out["ratio"] = Ratio(out["rate"], nominal);
    return out;
  };
  if (evaluation.rows.contains("blank")) {
    probes["blank"] = ToJson(Rate(evaluation.rows.at("blank")));
    probes["blank"]["chance"] = Mean(evaluation.rows.at("blank"), [](const EpisodeOutcome& o) { return o.chance; });
  }
  if (evaluation.rows.contains("counterfactual")) {
    probes["counterfactual"] = with_ratio("counterfactual");
    probes["counterfactual"]["did_old_task"] =
        Mean(evaluation.rows.at("counterfactual"), [](const EpisodeOutcome& o) { return o.did_old_task ? 1.0 : 0.0; });
  }
  if (evaluation.rows.contains("templates")) probes["paraphrase"] = with_ratio("templates");
  if (evaluation.rows.contains("other_language")) probes["other_language"] = with_ratio("other_language");
  return probes;
}

std::vector<double> CycleTimes(const Evaluation& evaluation) {
  std::vector<double> times;
  for (const EpisodeOutcome& o : Nominal(evaluation)) {
    if (o.success) times.push_back(o.steps * evaluation.control_period);
  }
  return times;
}

std::vector<double> PeakForces(const Evaluation& evaluation) {
  std::vector<double> forces;
  for (const EpisodeOutcome& o : Nominal(evaluation)) forces.push_back(o.peak_force);
  return forces;
}

std::string Line(const std::string& name, const Interval& interval, const std::string& note = "") {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "  %-28s %6.1f %%   [%5.1f, %5.1f]  %s\n", name.c_str(), 100 * interval.rate,
                100 * interval.low, 100 * interval.high, note.c_str());
  return text.data();
}

std::string Format(const char* format, double value) {
  std::array<char, 100> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
Interval Wilson(int successes, int trials) {
  if (trials == 0) return {0, 0, 1};
  constexpr double z = 1.959963984540054;
  const double n = trials, p = successes / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

std::vector<std::pair<std::string, std::string>> ReadInstructions(const std::filesystem::path& file) {
  std::vector<std::pair<std::string, std::string>> instructions;
  std::istringstream lines(ReadFile(file, 16 << 20));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string place = file.string() + ":" + std::to_string(number);
    const auto json = nlohmann::json::parse(line, nullptr, false);
    // "frame" is what the key was called before; files written then are still read.
    const char* key = json.is_object() && json.contains("frame") ? "frame" : "order";
    if (!json.is_object() || !json.contains(key) || !json.contains("text") || !json[key].is_string() ||
        !json["text"].is_string()) {
      throw BadInput({place, "", R"({"order": "…", "text": "…"})", line.substr(0, 80)});
    }
    instructions.emplace_back(envs::ToText(envs::OrderFromText(json[key], place)), json["text"]);
  }
  if (instructions.empty()) throw BadInput({file.string(), "", "at least one line", "none"});
  return instructions;
}

Evaluation Evaluate(const EvalConfig& config) {
  if (config.episodes < 1) throw BadInput({"eval", "--episodes", "at least 1", std::to_string(config.episodes)});
  Evaluation evaluation;
  evaluation.config = config;
  const EnvSpec spec = envs::SpecOf(config.task);
  evaluation.control_period = 1 / spec.control_hz();
  const std::size_t num_rows = config.probes ? kRows.size() : 1;
  Progress progress("eval " + config.task, "episodes", static_cast<std::int64_t>(num_rows) * config.episodes);
  for (std::size_t i = 0; i < num_rows; ++i) {
    const std::unique_ptr<Actor> actor = MakeActor(config.policy, spec, config.seed, {}, config.places);
    evaluation.policy_name = actor->name();
    evaluation.rows[kRows[i].name] =
        PlayRow(config, kRows[i], *actor, progress, static_cast<std::int64_t>(i) * config.episodes);
  }
  return evaluation;
}

nlohmann::json ToJson(const Evaluation& evaluation) {
  nlohmann::json failures = nlohmann::json::object(), by_split = nlohmann::json::object(),
                 episodes = nlohmann::json::array();
  for (const EpisodeOutcome& o : Nominal(evaluation)) {
    if (!o.success) failures[o.cause] = failures.value(o.cause, 0) + 1;
  }
  for (const RowSpec& row : kRows) {
    if (!evaluation.rows.contains(row.name)) continue;
    for (const EpisodeOutcome& o : evaluation.rows.at(row.name)) {
      episodes.push_back({{"row", row.name},
                          {"episode", o.episode},
                          {"success", o.success},
                          {"cause", o.cause},
                          {"steps", o.steps},
                          {"order", o.order},
                          {"text", o.text}});
    }
  }
  for (const std::string& split : kSplits) {
    if (evaluation.rows.contains(split)) by_split[split] = ToJson(Rate(evaluation.rows.at(split)));
  }
  const auto times = CycleTimes(evaluation), forces = PeakForces(evaluation);
  return {{"task", evaluation.config.task},
          {"policy", evaluation.policy_name},
          {"seed", evaluation.config.seed},
          {"episodes", evaluation.config.episodes},
          {"success", ToJson(Rate(Nominal(evaluation)))},
          {"by_language",
           {{"en", ToJson(RateInLanguage(evaluation, envs::Language::kEnglish))},
            {"ja", ToJson(RateInLanguage(evaluation, envs::Language::kJapanese))}}},
          {"by_split", by_split},
          {"probes", ProbesJson(evaluation)},
          {"cycle_time_s", {{"p50", Percentile(times, 50)}, {"p95", Percentile(times, 95)}}},
          {"peak_force_N", {{"p50", Percentile(forces, 50)}, {"p99", Percentile(forces, 99)}}},
          {"failures", failures},
          {"episodes_played", episodes}};
}

std::string ToTable(const Evaluation& evaluation) {
  const Interval nominal = Rate(Nominal(evaluation));
  std::string table = evaluation.config.task + ", policy " + evaluation.policy_name + ", seed " +
                      std::to_string(evaluation.config.seed) + ", " + std::to_string(evaluation.config.episodes) +
                      " episodes a row; success, Wilson 95 %\n";
  table += Line("success", nominal);
  table += Line("  English", RateInLanguage(evaluation, envs::Language::kEnglish));
  table += Line("  Japanese", RateInLanguage(evaluation, envs::Language::kJapanese));
  for (const RowSpec& row : kRows) {
    if (std::string(row.name) == "train" || !evaluation.rows.contains(row.name)) continue;
    const auto& outcomes = evaluation.rows.at(row.name);
    const Interval rate = Rate(outcomes);
    std::string note = Format("%.2f of nominal", Ratio(rate.rate, nominal.rate));
    if (row.probe == envs::Probe::kBlank)
      note = Format("chance %.1f %%", 100 * Mean(outcomes, [](const EpisodeOutcome& o) { return o.chance; }));
    if (row.probe == envs::Probe::kCounterfactual) {
      note += Format(", did the old task %.1f %%",
                     100 * Mean(outcomes, [](const EpisodeOutcome& o) { return o.did_old_task ? 1.0 : 0.0; }));
    }
    table += Line((row.probe == envs::Probe::kNone ? "held-out " : "probe ") + std::string(row.name), rate, note);
  }
  const auto times = CycleTimes(evaluation), forces = PeakForces(evaluation);
  table += Format("  cycle time p50 %.2f s", Percentile(times, 50)) + Format(", p95 %.2f s", Percentile(times, 95));
  table += Format("; peak contact force p50 %.1f N", Percentile(forces, 50)) +
           Format(", p99 %.1f N\n", Percentile(forces, 99));
  std::map<std::string, int> failures;
  for (const EpisodeOutcome& o : Nominal(evaluation)) {
    if (!o.success) ++failures[o.cause];
  }
  for (const auto& [cause, count] : failures) table += "  failed by " + cause + ": " + std::to_string(count) + "\n";
  return table;
}

}  // namespace genba::trainer

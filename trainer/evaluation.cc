#include "trainer/evaluation.h"

#include <array>
#include <cstring>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/log.h"
#include "core/processor.h"
#include "core/version.h"
#include "trainer/evaluation_figures.h"
#include "trainer/language_figures.h"

namespace genba::trainer {

namespace {

using Json = nlohmann::json;
constexpr std::array kSplits{"train", "templates", "taught", "unseen", "pairs"};

template <class T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json ToJson(const Interval& interval) {
  if (interval.trials == 0) return {{"rate", nullptr}, {"low", nullptr}, {"high", nullptr}, {"n", 0}};
  return {{"rate", interval.rate}, {"low", interval.low}, {"high", interval.high}, {"n", interval.trials}};
}

Json ToJson(const std::map<std::string, Obedience>& all) {
  Json json = Json::object();
  for (const auto& [key, sum] : all)
    json[key] = {{"right", sum.right}, {"moved", sum.moved}, {"success", sum.success}, {"n", sum.n}};
  return json;
}

Json RatioJson(const Evaluation& evaluation, const Outcomes& outcomes) {
  Json json = ToJson(Rate(outcomes));
  json["ratio"] = OrNull(Ratio(Rate(outcomes), Rate(Nominal(evaluation))));
  return json;
}

Json ToJson(const AspectFigures& figures) {
  Json json = ToJson(figures.rate);
  json["ratio"] = OrNull(figures.ratio);
  json["did_old_task"] = OrNull(figures.did_old_task);
  return json;
}

Json CounterfactualJson(const Evaluation& evaluation, const Outcomes& all) {
  Json json = RatioJson(evaluation, all);
  json["did_old_task"] = OrNull(Mean(all, [](const EpisodeOutcome& o) { return o.did_old_task ? 1.0 : 0.0; }));
  json["by_aspect"] = Json::object();
  for (const AspectFigures& figures : ByAspect(evaluation)) json["by_aspect"][figures.aspect] = ToJson(figures);
  return json;
}

Json ToJson(const Difference& difference) {
  if (difference.pairs == 0) return {{"value", nullptr}, {"low", nullptr}, {"high", nullptr}};
  return {{"value", difference.value}, {"low", difference.low}, {"high", difference.high}};
}

Json LanguagesJson(const Pairs& pairs) {
  return {{"ja", ToJson(Wilson(pairs.both + pairs.first, pairs.size()))},
          {"en", ToJson(Wilson(pairs.both + pairs.second, pairs.size()))},
          {"ja_minus_en", ToJson(PairedDifference(pairs))},
          {"both", pairs.both},
          {"only_ja", pairs.first},
          {"only_en", pairs.second},
          {"neither", pairs.neither},
          {"n", pairs.size()}};
}

Json ToJson(const RowAnswers& answers) {
  Json json{{"row", answers.row},
            {"family", answers.family},
            {"expect", Name(answers.expect)},
            {"moved", answers.moved},
            {"n", answers.n}};
  for (std::size_t i = 0; i < answers.given.size(); ++i) json[kAnswerNames[i]] = answers.given[i];
  return json;
}

Json AnswersByRowJson(const Evaluation& evaluation) {
  Json json = Json::array();
  for (const RowAnswers& answers : AnswersByRow(evaluation)) json.push_back(ToJson(answers));
  return json;
}

Json ProbesJson(const Evaluation& evaluation) {
  Json probes = Json::object();
  if (const Outcomes* blank = evaluation.Find("blank")) {
    probes["blank"] = ToJson(Rate(*blank));
    probes["blank"]["chance"] = OrNull(Mean(*blank, [](const EpisodeOutcome& o) { return o.chance; }));
  }
  if (const Outcomes all = Counterfactuals(evaluation); !all.empty())
    probes["counterfactual"] = CounterfactualJson(evaluation, all);
  for (const auto& [name, row] :
       {std::pair("paraphrase", "templates"), std::pair("other_language", "other_language")}) {
    if (const Outcomes* outcomes = evaluation.Find(row)) probes[name] = RatioJson(evaluation, *outcomes);
  }
  return probes;
}

bool IsDisturbed(const std::string& row) { return row.starts_with(kDisturbed); }

Json RobustnessJson(const Evaluation& evaluation) {
  Json robustness = Json::object();
  for (const auto& [row, outcomes] : evaluation.rows) {
    if (IsDisturbed(row)) robustness[row.substr(std::strlen(kDisturbed))] = RatioJson(evaluation, outcomes);
  }
  return robustness;
}

Json EpisodeJson(const std::string& row, const EpisodeOutcome& o) {
  const envs::ObjectSet& objects = o.order.objects;
  Json json{{"row", row},
            {"episode", o.episode},
            {"success", o.success},
            {"cause", o.cause},
            {"detail", o.detail},
            {"steps", o.steps},
            {"peak_force_N", o.peak_force},
            {"moved", o.moved},
            {"language", envs::Name(o.language)},
            {"order", envs::ToText(o.order)},
            {"old_order", nullptr},
            {"text", o.text},
            {"quantity", envs::Name(objects.count)},
            {"colour", nullptr},
            {"shape", nullptr},
            {"bin", nullptr}};
  if (objects.has_colour)
    json["colour"] = (objects.negated_colour ? "not " : "") + std::string(envs::Name(objects.colour));
  if (objects.has_shape) json["shape"] = envs::Name(objects.shape);
  if (o.order.place != envs::PlaceWord::kNone) json["bin"] = envs::Name(o.order.place);
  if (o.old_order != o.order) json["old_order"] = envs::ToText(o.old_order);
  json["expect"] = Name(o.expect);
  json["answer"] = Name(o.answer);
  json["answer_probability"] = o.probability;
  if (!o.family.empty()) json["family"] = o.family;
  return json;
}

// How often each answer was the last one.
Json AnswersJson(const Outcomes& outcomes) {
  Json json = Json::object();
  for (const char* name : kAnswerNames) json[name] = 0;
  for (const EpisodeOutcome& o : outcomes) json[Name(o.answer)] = json[Name(o.answer)].get<int>() + 1;
  return json;
}

Json EpisodesJson(const Evaluation& evaluation) {
  Json episodes = Json::array();
  for (const auto& [row, outcomes] : evaluation.rows) {
    for (const EpisodeOutcome& o : outcomes) episodes.push_back(EpisodeJson(row, o));
  }
  return episodes;
}

// Everything that decides the result.
Json IdentityJson(const Evaluation& evaluation) {
  const EvalConfig& config = evaluation.config;
  const PolicyHashes& policy = evaluation.policy;
  Json options{{"language", config.language},     {"suite", config.suite},
               {"probes", config.probes},         {"instructions", nullptr},
               {"max_wanted", config.max_wanted}, {"disturbances", ToJson(config.disturbances)}};
  if (!config.instructions.empty())
    options["instructions"] = {{"sha256", evaluation.instructions_sha256}, {"lines", evaluation.instructions}};
  return {
      {"task", config.task},
      {"policy", policy.name},
      {"seed", config.seed},
      {"episodes", config.episodes},
      {"options", options},
      {"revision", Revision()},
      {"hashes",
       {{"weights", OrNull(policy.weights)}, {"backbone", OrNull(policy.backbone)}, {"data", OrNull(policy.data)}}}};
}

std::string Today() {
  std::array<char, 40> text{};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

Json ProvenanceJson(const Evaluation& evaluation) {
  std::size_t played = 0;
  for (const auto& [row, outcomes] : evaluation.rows) played += outcomes.size();
  return {{"machine", HostName()},
          {"date", Today()},
          {"seconds", evaluation.seconds},
          {"episodes_per_s", evaluation.seconds > 0 ? Json(static_cast<double>(played) / evaluation.seconds) : Json()},
          {"worlds", evaluation.config.worlds},
          {"threads", evaluation.config.threads},
          {"policy", evaluation.config.policy},
          {"instructions", evaluation.config.instructions.string()}};
}

}  // namespace

std::optional<double> SuccessRate(const Evaluation& evaluation) {
  const Interval rate = Rate(Nominal(evaluation));
  if (rate.trials == 0) return {};
  return rate.rate;
}

nlohmann::json ToJson(const Evaluation& evaluation) {
  Json json = IdentityJson(evaluation), by_split = Json::object();
  for (const char* split : kSplits) {
    if (const Outcomes* outcomes = evaluation.Find(split)) by_split[split] = ToJson(Rate(*outcomes));
  }
  const Outcomes& nominal = Nominal(evaluation);
  const auto times = CycleTimes(evaluation), forces = PeakForces(evaluation);
  json["success"] = ToJson(Rate(nominal));
  json["by_language"] = {{"en", ToJson(RateIn(nominal, envs::Language::kEnglish))},
                         {"ja", ToJson(RateIn(nominal, envs::Language::kJapanese))}};
  json["by_split"] = by_split;
  json["probes"] = ProbesJson(evaluation);
  json["robustness"] = RobustnessJson(evaluation);
  json["answers"] = AnswersJson(nominal);
  json["answers_by_row"] = AnswersByRowJson(evaluation);
  json["exact"] = evaluation.language ? ExactJson(*evaluation.language) : Json();
  json["reading"] = evaluation.language ? ReadingJson(*evaluation.language) : Json();
  const std::optional<Pairs> languages = JapaneseAndEnglish(evaluation);
  json["languages"] = languages ? LanguagesJson(*languages) : Json();
  json["by_expect"] = ToJson(ByExpect(evaluation));
  json["by_family"] = ToJson(ByFamily(evaluation));
  json["cycle_time_s"] = {{"p50", OrNull(Percentile(times, 50))}, {"p95", OrNull(Percentile(times, 95))}};
  json["peak_force_N"] = {{"p50", OrNull(Percentile(forces, 50))}, {"p99", OrNull(Percentile(forces, 99))}};
  json["failures"] = Failures(evaluation);
  json["episodes_played"] = EpisodesJson(evaluation);
  json["provenance"] = ProvenanceJson(evaluation);
  return json;
}

std::string FileName(const Evaluation& evaluation) {
  const std::string digits = Sha256(ToText(IdentityJson(evaluation))).substr(0, 8);
  return evaluation.config.task + "-" + std::to_string(evaluation.config.seed) + "-" + digits + ".json";
}

void KeepInRun(const Evaluation& evaluation) {
  if (evaluation.run.empty()) return;
  const std::filesystem::path folder = evaluation.run / "eval";
  try {
    MakeWritableFolder(folder);
    WriteFileAtomically(folder / FileName(evaluation), ToText(ToJson(evaluation)) + "\n");
  } catch (const std::exception& error) {
    LogWarning(std::string("the run keeps no copy of this evaluation: ") + error.what());
  }
}

}  // namespace genba::trainer

#include "trainer/evaluation.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/log.h"
#include "core/version.h"
#include "envs/disturbances.h"
#include "trainer/instructions.h"

namespace genba::trainer {

namespace {

using Json = nlohmann::json;
using Outcomes = std::vector<EpisodeOutcome>;
constexpr std::array kSplits{"train", "templates", "taught", "unseen", "pairs"};

// --------------------------------------------------------------------------------------------------- figures

template <class Predicate>
Interval Rate(const Outcomes& outcomes, Predicate&& counts) {
  int successes = 0, trials = 0;
  for (const EpisodeOutcome& outcome : outcomes) {
    if (outcome.expect != Answer::kAct || !counts(outcome)) continue;  // what should not be done is judged by_expect
    ++trials;
    successes += outcome.success;
  }
  return Wilson(successes, trials);
}
Interval Rate(const Outcomes& outcomes) {
  return Rate(outcomes, [](const EpisodeOutcome&) { return true; });
}
Interval RateIn(const Outcomes& outcomes, envs::Language language) {
  return Rate(outcomes, [language](const EpisodeOutcome& o) { return o.language == language; });
}

template <class Value>
std::optional<double> Mean(const Outcomes& outcomes, Value&& value) {
  double sum = 0;
  for (const EpisodeOutcome& outcome : outcomes) sum += value(outcome);
  if (outcomes.empty()) return {};
  return sum / static_cast<double>(outcomes.size());
}

// Nearest rank.
std::optional<double> Percentile(std::vector<double> values, double percent) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
  return values[std::min(values.size() - 1, rank == 0 ? 0 : rank - 1)];
}

std::optional<double> Ratio(const Interval& rate, const Interval& nominal) {
  if (rate.trials == 0 || nominal.rate <= 0) return {};
  return rate.rate / nominal.rate;
}

const Outcomes& Nominal(const Evaluation& evaluation) {
  const Outcomes* outcomes = evaluation.Find("train");
  GENBA_CHECK(outcomes != nullptr, "every suite plays the nominal row");
  return *outcomes;
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

std::map<std::string, int> Failures(const Evaluation& evaluation) {
  std::map<std::string, int> failures;
  for (const EpisodeOutcome& o : Nominal(evaluation)) {
    if (!o.success && o.expect == Answer::kAct) ++failures[o.cause];
  }
  return failures;
}

// What became of the instructions by a key of theirs.
struct Obedience {
  int right = 0;    // answered as they should be
  int moved = 0;    // something moved in the first seconds
  int success = 0;  // done when they should be, left alone when not
  int n = 0;
};
template <class Key>
std::map<std::string, Obedience> Obeyed(const Outcomes& outcomes, Key&& key) {
  std::map<std::string, Obedience> all;
  for (const EpisodeOutcome& o : outcomes) {
    if ((!o.given && o.expect == Answer::kAct) || key(o).empty()) continue;
    Obedience& sum = all[key(o)];
    sum.right += o.answer == o.expect;
    sum.moved += o.moved;
    sum.success += o.success;
    ++sum.n;
  }
  return all;
}
// The nominal row, and those of the families that are to be refused.
Outcomes Asked(const Evaluation& evaluation) {
  Outcomes asked = Nominal(evaluation);
  for (const auto& [name, outcomes] : evaluation.rows) {
    if (name.starts_with(kRefused)) asked.insert(asked.end(), outcomes.begin(), outcomes.end());
  }
  return asked;
}
std::map<std::string, Obedience> ByExpect(const Evaluation& evaluation) {
  return Obeyed(Asked(evaluation), [](const EpisodeOutcome& o) { return std::string(Name(o.expect)); });
}
std::map<std::string, Obedience> ByFamily(const Evaluation& evaluation) {
  return Obeyed(Asked(evaluation), [](const EpisodeOutcome& o) { return o.family; });
}

// ------------------------------------------------------------------------------------------------------ JSON

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

Json ProbesJson(const Evaluation& evaluation) {
  Json probes = Json::object();
  if (const Outcomes* blank = evaluation.Find("blank")) {
    probes["blank"] = ToJson(Rate(*blank));
    probes["blank"]["chance"] = OrNull(Mean(*blank, [](const EpisodeOutcome& o) { return o.chance; }));
  }
  if (const Outcomes* counterfactual = evaluation.Find("counterfactual")) {
    probes["counterfactual"] = RatioJson(evaluation, *counterfactual);
    probes["counterfactual"]["did_old_task"] =
        OrNull(Mean(*counterfactual, [](const EpisodeOutcome& o) { return o.did_old_task ? 1.0 : 0.0; }));
  }
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
            {"text", o.text},
            {"quantity", envs::Name(objects.count)},
            {"colour", nullptr},
            {"shape", nullptr},
            {"bin", nullptr}};
  if (objects.has_colour)
    json["colour"] = (objects.negated_colour ? "not " : "") + std::string(envs::Name(objects.colour));
  if (objects.has_shape) json["shape"] = envs::Name(objects.shape);
  if (o.order.place != envs::PlaceWord::kNone) json["bin"] = envs::Name(o.order.place);
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

Json ToJson(const ReadCount& count) {
  const double n = count.texts;
  if (count.texts == 0) return {{"rate", nullptr}, {"acts", nullptr}, {"n", 0}};
  return {{"rate", count.exact / n}, {"acts", count.acted / n}, {"n", count.texts}};
}

Json ToJson(const LanguageResult& language) {
  Json json{
      {"rate", nullptr}, {"by_split", Json::object()}, {"by_language", Json::object()}, {"by_kind", Json::object()}};
  for (const auto& [split, count] : language.by_split) json["by_split"][split] = ToJson(count);
  for (const auto& [name, count] : language.by_language) json["by_language"][name] = ToJson(count);
  for (const auto& [kind, count] : language.by_kind) json["by_kind"][kind] = ToJson(count);
  json["rate"] = json["by_split"]["train"]["rate"];
  return json;
}

std::string LanguageLines(const LanguageResult& language) {
  std::string table;
  const auto line = [&](const std::string& name, const ReadCount& count) {
    std::array<char, 120> text{};
    const double n = std::max(1, count.texts);
    std::snprintf(text.data(), text.size(), "  %-24s exact %5.1f %%  would act %5.1f %%  of %d\n", name.c_str(),
                  100 * count.exact / n, 100 * count.acted / n, count.texts);
    table += text.data();
  };
  for (const auto& [split, count] : language.by_split) line(split, count);
  for (const auto& [name, count] : language.by_language) line("in " + name, count);
  for (const auto& [kind, count] : language.by_kind) line("says " + kind, count);
  std::array<char, 60> speed{};
  std::snprintf(speed.data(), speed.size(), "  %.0f texts read a second\n", language.texts_per_s);
  return table + speed.data();
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
  Json options{
      {"language", config.language}, {"suite", config.suite}, {"probes", config.probes}, {"instructions", nullptr}};
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

std::string Hostname() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
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
  return {{"machine", Hostname()},
          {"date", Today()},
          {"seconds", evaluation.seconds},
          {"episodes_per_s", evaluation.seconds > 0 ? Json(static_cast<double>(played) / evaluation.seconds) : Json()},
          {"worlds", evaluation.config.worlds},
          {"threads", evaluation.config.threads},
          {"policy", evaluation.config.policy},
          {"instructions", evaluation.config.instructions.string()}};
}

// ----------------------------------------------------------------------------------------------------- table

std::string Format(const char* format, double value) {
  std::array<char, 100> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}
std::string Format(const char* format, const std::optional<double>& value) {
  return value ? Format(format, *value) : "–";
}

std::string Line(const std::string& name, const Interval& interval, const std::string& note = "") {
  std::array<char, 200> text{};
  if (interval.trials == 0) {
    std::snprintf(text.data(), text.size(), "  %-24s      –  %s\n", name.c_str(), note.c_str());
  } else {
    std::snprintf(text.data(), text.size(), "  %-24s %6.1f %%  [%5.1f, %5.1f]  %s\n", name.c_str(), 100 * interval.rate,
                  100 * interval.low, 100 * interval.high, note.c_str());
  }
  return text.data();
}

std::string NoteOf(const Evaluation& evaluation, const std::string& row, const Outcomes& outcomes) {
  if (row == "blank")
    return "chance " + Format("%.1f %%", *Mean(outcomes, [](const EpisodeOutcome& o) { return 100 * o.chance; }));
  std::string note = Format("%.2f", Ratio(Rate(outcomes), Rate(Nominal(evaluation)))) + " of nominal";
  if (row == "counterfactual") {
    note += ", did the old task " +
            Format("%.1f %%", *Mean(outcomes, [](const EpisodeOutcome& o) { return o.did_old_task ? 100.0 : 0.0; }));
  }
  return note;
}

std::string RowTitle(const std::string& row) {
  if (IsDisturbed(row)) return row.substr(std::strlen(kDisturbed));
  const bool split = std::find(kSplits.begin(), kSplits.end(), row) != kSplits.end();
  return (split ? "held-out " : "probe ") + row;
}

std::string RowLines(const Evaluation& evaluation) {
  std::string table = Line("success", Rate(Nominal(evaluation)));
  for (const auto& [language, name] :
       {std::pair(envs::Language::kEnglish, "  English"), std::pair(envs::Language::kJapanese, "  Japanese")}) {
    const Interval rate = RateIn(Nominal(evaluation), language);
    if (rate.trials > 0) table += Line(name, rate);
  }
  for (const auto& [row, outcomes] : evaluation.rows) {
    if (row != "train" && !row.starts_with(kRefused))
      table += Line(RowTitle(row), Rate(outcomes), NoteOf(evaluation, row, outcomes));
  }
  return table;
}

std::string ObedienceLines(const std::string& title, const std::map<std::string, Obedience>& all) {
  std::string table;
  for (const auto& [key, sum] : all) {
    table += "  " + title + " " + key + ": right " + std::to_string(sum.right) + ", moved " +
             std::to_string(sum.moved) + " of " + std::to_string(sum.n) + "\n";
  }
  return table;
}

}  // namespace

// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
Interval Wilson(int successes, int trials) {
  if (trials == 0) return {};
  constexpr double z = 1.959963984540054;
  const double n = trials, p = successes / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half), trials};
}

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
  json["exact"] = evaluation.language ? ToJson(*evaluation.language) : Json();
  json["by_expect"] = ToJson(ByExpect(evaluation));
  json["by_family"] = ToJson(ByFamily(evaluation));
  json["cycle_time_s"] = {{"p50", OrNull(Percentile(times, 50))}, {"p95", OrNull(Percentile(times, 95))}};
  json["peak_force_N"] = {{"p50", OrNull(Percentile(forces, 50))}, {"p99", OrNull(Percentile(forces, 99))}};
  json["failures"] = Failures(evaluation);
  json["episodes_played"] = EpisodesJson(evaluation);
  json["provenance"] = ProvenanceJson(evaluation);
  return json;
}

namespace {

bool Has(const Json& object, const std::string& key) { return object.contains(key) && !object[key].is_null(); }

void CheckTexts(const Json& object, std::initializer_list<const char*> keys, const std::string& file) {
  for (const char* key : keys) {
    if (Has(object, key)) JsonText(object, key, file);
  }
}

void CheckPlayed(const Json& episode, const std::string& file) {
  if (!episode.is_object()) throw BadInput({file, "episodes_played", "objects", Shown(episode)});
  CheckTexts(episode, {"row", "order", "text", "cause"}, file);
  if (Has(episode, "episode")) JsonUint(episode, "episode", file);
  if (Has(episode, "success")) JsonBool(episode, "success", file);
}

}  // namespace

Json EvaluationFromText(const std::string& text, const std::string& file) {
  Json evaluation = ParseJson(text, file, {.bytes = kLongestEvaluation, .values = std::size_t{1} << 24});
  JsonObject(evaluation, "success", file);
  CheckTexts(evaluation, {"task", "policy", "revision"}, file);
  for (const char* key : {"seed", "episodes"}) {
    if (Has(evaluation, key)) JsonUint(evaluation, key, file);
  }
  for (const char* key :
       {"by_language", "by_split", "probes", "robustness", "options", "cycle_time_s", "peak_force_N", "failures"}) {
    if (Has(evaluation, key)) JsonObject(evaluation, key, file);
  }
  if (Has(evaluation, "failures")) {
    for (const auto& [cause, count] : evaluation["failures"].items()) JsonUint(evaluation["failures"], cause, file);
  }
  if (Has(evaluation, "episodes_played")) {
    for (const Json& episode : JsonArray(evaluation, "episodes_played", file)) CheckPlayed(episode, file);
  }
  return evaluation;
}

std::string ToTable(const Evaluation& evaluation) {
  const EvalConfig& config = evaluation.config;
  if (evaluation.language)
    return config.task + ", policy " + config.policy + ", seed " + std::to_string(config.seed) + ", " +
           std::to_string(config.episodes) + " sentences a row, no physics\n" + LanguageLines(*evaluation.language);
  std::string table = config.task + ", policy " + config.policy + ", seed " + std::to_string(config.seed) + ", " +
                      std::to_string(config.episodes) + " episodes a row; success, Wilson 95 %\n" +
                      RowLines(evaluation);
  const auto times = CycleTimes(evaluation), forces = PeakForces(evaluation);
  table += "  cycle time p50 " + Format("%.2f s", Percentile(times, 50)) + ", p95 " +
           Format("%.2f s", Percentile(times, 95)) + "; peak contact force p50 " +
           Format("%.1f N", Percentile(forces, 50)) + ", p99 " + Format("%.1f N", Percentile(forces, 99)) + "\n";
  table += ObedienceLines("expected", ByExpect(evaluation)) + ObedienceLines("family", ByFamily(evaluation));
  for (const auto& [cause, count] : Failures(evaluation))
    table += "  failed by " + cause + ": " + std::to_string(count) + "\n";
  return table;
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

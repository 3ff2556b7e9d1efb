#include <algorithm>
#include <optional>

#include "core/interrupt.h"
#include "core/json.h"
#include "core/json_difference.h"
#include "core/progress.h"
#include "datasets/dataset.h"
#include "trainer/diff.h"
#include "trainer/parting.h"
#include "trainer/run_folder.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;
using datasets::Dataset;
using datasets::DatasetInfo;
using datasets::Episode;
using nlohmann::json;

json Pair(const std::string& key, const json& a, const json& b) { return {{"key", key}, {"a", a}, {"b", b}}; }

// Where shards end and who wrote them decides no number of an episode.
json DiffSettings(const DatasetInfo& a, const DatasetInfo& b) {
  json different = json::array(), apart = json::array();
  const auto value = [](const std::string& text) { return text.empty() ? json() : json(text); };
  for (const SettingDifference& setting : SettingDifferences(a.config_toml, b.config_toml)) {
    (setting.key == "collect.episodes_per_shard" ? apart : different)
        .push_back(Pair(setting.key, value(setting.before), value(setting.now)));
  }
  const auto note = [](json& list, const std::string& key, const json& of_a, const json& of_b) {
    for (const JsonDifference& difference : JsonDifferences(of_a, of_b, key))
      list.push_back(Pair(difference.place, difference.a, difference.b));
  };
  note(different, "policy", a.policy, b.policy);
  note(different, "env_spec", ToJson(a.spec), ToJson(b.spec));
  note(different, "physics_size", a.physics_size, b.physics_size);
  note(different, "state_size", a.state_size, b.state_size);
  note(different, "ctrl_size", a.ctrl_size, b.ctrl_size);
  note(apart, "engine_version", a.engine_version, b.engine_version);
  note(apart, "builder_version", a.builder_version, b.builder_version);
  note(apart, "processor", a.processor, b.processor);
  note(apart, "revision", a.revision, b.revision);
  return {{"different", different}, {"apart", apart}};
}

bool SameRows(const DatasetInfo& a, const DatasetInfo& b) {
  return ToJson(a.spec) == ToJson(b.spec) && a.physics_size == b.physics_size && a.state_size == b.state_size &&
         a.ctrl_size == b.ctrl_size;
}

bool SameShards(const DatasetInfo& a, const DatasetInfo& b) {
  return std::equal(a.shards.begin(), a.shards.end(), b.shards.begin(), b.shards.end(),
                    [](const auto& x, const auto& y) { return x.sha256 == y.sha256; });
}

// "obs", column 17 → "obs/parts", 3.
void NameObservation(const EnvSpec& spec, json& row) {
  std::int64_t column = row.at("index").get<std::int64_t>();
  for (const FieldSpec& field : spec.observation) {
    if (column < field.size()) {
      row["field"] = row.at("field").get<std::string>() + "/" + field.name;
      row["index"] = column;
      return;
    }
    column -= field.size();
  }
}

// Plan and cell are documents: which of their values.
void NameInDocument(json& row) {
  const auto a = SoundJson(row.at("a").get<std::string>()), b = SoundJson(row.at("b").get<std::string>());
  if (!a || !b) return;
  const auto differences = JsonDifferences(*a, *b, row.at("field").get<std::string>());
  if (differences.empty()) return;
  row["field"] = differences.front().place;
  row["a"] = differences.front().a;
  row["b"] = differences.front().b;
}

// {step, field, index, a, b}; null: the same, bit for bit. Said before moved: what an episode is about comes first.
json DiffEpisode(const Episode& a, const Episode& b, const DatasetInfo& info) {
  Parting parting;
  NoteTexts(a, b, true, parting);
  NoteArrays(a, b, info, parting);
  if (!parting.parted()) return nullptr;
  json row{{"step", parting.step()}, {"field", parting.field}, {"index", nullptr}, {"a", parting.a}, {"b", parting.b}};
  if (parting.index >= 0) row["index"] = parting.index;
  if (parting.field == "obs" || parting.field == "obs_last") NameObservation(info.spec, row);
  if (parting.field == "plan" || parting.field == "cell") NameInDocument(row);
  return row;
}

json First(const json& row) {
  json first;
  for (const char* key : {"step", "world", "episode", "file", "key", "tensor", "field", "index", "a", "b"})
    first[key] = row.value(key, json());
  return first;
}

// Episodes that one of the two holds and the other does not.
struct Only {
  std::int64_t episodes = 0;
  json first;
  void Take(std::uint64_t index) {
    if (episodes++ == 0) first = index;
  }
  json ToJson() const { return {{"episodes", episodes}, {"first", first}}; }
};

// Both hold their episodes in the order of their numbers.
class Walk {
 public:
  Walk(const Dataset& a, const Dataset& b)
      : a_(a), b_(b), progress_("diff", "episodes", std::max(a.num_episodes(), b.num_episodes())) {}

  json Compare() {
    while (at_a_ < a_.num_episodes() || at_b_ < b_.num_episodes()) {
      CheckInterrupt();
      Next();
      progress_.Update(std::max(at_a_, at_b_));
    }
    return {{"a", a_.num_episodes()},
            {"b", b_.num_episodes()},
            {"common", common_},
            {"steps", steps_},
            {"different", different_},
            {"first", first_},
            {"only_in", {{"a", only_a_.ToJson()}, {"b", only_b_.ToJson()}}},
            {"same_shards", SameShards(a_.info(), b_.info())}};
  }

 private:
  // Nothing behind the last.
  static std::optional<std::uint64_t> Number(const Dataset& dataset, int k) {
    return k < dataset.num_episodes() ? std::optional(dataset.ReadHeader(k).index) : std::nullopt;
  }
  void Next() {
    const auto number_a = Number(a_, at_a_), number_b = Number(b_, at_b_);
    if (number_a == number_b) return Both(*number_a);
    const bool in_a = number_a && (!number_b || *number_a < *number_b);
    (in_a ? only_a_ : only_b_).Take(in_a ? *number_a : *number_b);
    ++(in_a ? at_a_ : at_b_);
  }
  void Both(std::uint64_t number) {
    const Episode a = a_.Read(at_a_++), b = b_.Read(at_b_++);
    ++common_;
    steps_ += std::min(a.num_steps, b.num_steps);
    json row = DiffEpisode(a, b, a_.info());
    if (row.is_null() || different_++ > 0) return;
    row["episode"] = number;
    first_ = First(row);
  }

  const Dataset &a_, &b_;
  Progress progress_;
  int at_a_ = 0, at_b_ = 0;
  std::int64_t common_ = 0, steps_ = 0, different_ = 0;
  Only only_a_, only_b_;
  json first_;
};

json FirstOnly(const json& episodes) {
  const json &a = episodes.at("only_in").at("a").at("first"), &b = episodes.at("only_in").at("b").at("first");
  if (a.is_null() && b.is_null()) return nullptr;
  const bool in_a = b.is_null() || (!a.is_null() && a < b);
  const json here = "it is here", nothing;
  return {{"episode", in_a ? a : b}, {"field", "episode"}, {"a", in_a ? here : nothing}, {"b", in_a ? nothing : here}};
}

json Earliest(const json& episodes, const json& settings) {
  const json differs = episodes.is_null() ? json() : episodes.at("first"),
             only = episodes.is_null() ? json() : FirstOnly(episodes);
  if (!differs.is_null() && (only.is_null() || differs.at("episode") < only.at("episode"))) return differs;
  if (!only.is_null()) return First(only);
  if (settings.empty()) return nullptr;
  json row = settings.front();
  row["file"] = "manifest.json";
  return First(row);
}

}  // namespace

json DiffDatasets(const fs::path& folder_a, const fs::path& folder_b) {
  const Dataset a(folder_a), b(folder_b);
  const json settings = DiffSettings(a.info(), b.info());
  // Rows of other widths cannot be held against each other.
  const json episodes = SameRows(a.info(), b.info()) ? Walk(a, b).Compare() : json();
  const json first = Earliest(episodes, settings.at("different"));
  return {{"a", folder_a.string()},   {"b", folder_b.string()}, {"kind", "data set"},
          {"equal", first.is_null()}, {"first", first},         {"settings", settings},
          {"metrics", nullptr},       {"checkpoints", nullptr}, {"checkpoints_in_one", nullptr},
          {"length", nullptr},        {"episodes", episodes}};
}

}  // namespace genba::trainer

#include "datasets/shard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "datasets/manifest.h"
#include "datasets/schema.h"

namespace genba::datasets {
namespace {

std::string DemoName(int k) { return "demo_" + std::to_string(k); }

// Columns [offset, offset + width) of rows of total columns, densely.
std::vector<float> TakeColumns(const std::vector<float>& rows, std::size_t total, std::size_t offset,
                               std::size_t width) {
  std::vector<float> columns;
  columns.reserve(rows.size() / total * width);
  for (std::size_t start = offset; start < rows.size(); start += total) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(start);
    columns.insert(columns.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return columns;
}

void PutColumns(const std::vector<float>& columns, std::vector<float>& rows, std::size_t total, std::size_t offset,
                std::size_t width) {
  for (std::size_t row = 0; row * width < columns.size(); ++row) {
    std::copy_n(columns.begin() + static_cast<std::ptrdiff_t>(row * width), width,
                rows.begin() + static_cast<std::ptrdiff_t>(row * total + offset));
  }
}

// What robomimic asks for: which environment these demonstrations are of. 2 is its number for environments that are not
// robosuite's.
std::string EnvArgs(const DatasetInfo& info) {
  constexpr int kGymType = 2;
  return nlohmann::json{{"env_name", info.spec.task},
                        {"type", kGymType},
                        {"env_version", "mujoco " + info.engine_version},
                        {"env_kwargs", nlohmann::json::object()}}
      .dump();
}

// robomimic keeps a tenth of the demonstrations for validation; here by number, so that it does not depend on the
// shard.
bool IsForValidation(std::uint64_t index) { return index % 10 == 9; }

Dims WithoutTime(const FieldSpec& field) { return {field.shape.begin(), field.shape.end()}; }

}  // namespace

void CheckRecorded(const Episode& episode, const DatasetInfo& info) {
  const std::string who = "episode " + std::to_string(episode.index) + ": ";
  GENBA_CHECK(episode.num_steps >= 1 && episode.num_steps <= kMaxSteps, who + "number of steps");
  GENBA_CHECK(episode.task == info.spec.task, who + "of another task");
  GENBA_CHECK(episode.split.find('/') == std::string::npos, who + "a split names a list in the file");
  VisitArrays(episode, info, [&](const ArrayInfo& array, const auto& values) {
    GENBA_CHECK(values.size() == hdf5::Product(array.dims),
                who + array.name + " does not have the shape " + hdf5::DimsText(array.dims));
  });
  const auto width = static_cast<std::size_t>(info.spec.obs_dim());
  GENBA_CHECK(episode.obs.size() == static_cast<std::size_t>(episode.num_steps) * width, who + "size of obs");
  GENBA_CHECK(episode.last_obs.size() == width, who + "size of last_obs");
  const std::string bad = FirstNonFinite(episode, info);
  GENBA_CHECK(bad.empty(), who + bad + " is not finite");
}

std::string FirstNonFinite(const Episode& episode, const DatasetInfo& info) {
  std::string found;
  const auto look = [&](const std::string& name, const auto& values) {
    using Value = typename std::decay_t<decltype(values)>::value_type;
    if constexpr (std::is_floating_point_v<Value>) {
      for (std::size_t i = 0; found.empty() && i < values.size(); ++i) {
        if (!std::isfinite(values[i])) found = name + "[" + std::to_string(i) + "]";
      }
    }
  };
  VisitArrays(episode, info, [&](const ArrayInfo& array, const auto& values) { look(array.name, values); });
  look("obs", episode.obs);
  look("obs_last", episode.last_obs);
  return found;
}

ShardWriter::ShardWriter(const DatasetInfo& info, const std::string& name)
    : info_(info),
      file_(hdf5::File::Create(name)),
      data_(file_.root().Create("data")),
      models_(file_.root().Create("models")) {
  const hdf5::Group& root = file_.root();
  root.WriteString("format", kFormatName);
  root.WriteNumber<std::int64_t>("schema_version", kSchemaVersion);
  root.WriteString("engine_version", info.engine_version);
  root.WriteNumber<std::int64_t>("builder_version", info.builder_version);
  root.WriteString("env_spec", ToJson(info.spec).dump());
  root.WriteNumber<std::int64_t>("physics_size", info.physics_size);
  root.WriteNumber<std::int64_t>("state_size", info.state_size);
  root.WriteNumber<std::int64_t>("ctrl_size", info.ctrl_size);
  for (const char* list : {"success", "train", "valid"}) masks_[list];
}

std::int64_t ShardWriter::ModelNumber(const std::string& xml) {
  const auto [place, is_new] = model_numbers_.try_emplace(xml, static_cast<std::int64_t>(model_numbers_.size()));
  if (is_new) models_.WriteText(std::to_string(place->second), xml);
  return place->second;
}

// The slots of parts and places shrink six times, at a hundred megabytes a second; states and actions hardly do.
void ShardWriter::WriteObservation(const hdf5::Group& group, const std::vector<float>& rows, int num_steps) const {
  std::size_t offset = 0;
  for (const FieldSpec& field : info_.spec.observation) {
    const auto width = static_cast<std::size_t>(field.size());
    const std::vector<float> columns = TakeColumns(rows, static_cast<std::size_t>(info_.spec.obs_dim()), offset, width);
    group.WriteArray(field.name, columns.data(), num_steps > 0 ? ObsDims(field, num_steps) : WithoutTime(field),
                     field.shape.size() == 2 && num_steps > 0 ? hdf5::Storage::kCompressed : hdf5::Storage::kChecked,
                     {field.unit, field.description});
    offset += width;
  }
}

void ShardWriter::Append(const Episode& episode) {
  CheckRecorded(episode, info_);
  const std::string name = DemoName(num_episodes_);
  const std::int64_t model = ModelNumber(episode.model_xml);
  const hdf5::Group demo = data_.Create(name);
  demo.WriteNumber<std::int64_t>("num_samples", episode.num_steps);  // signed: Python adds them up
  demo.WriteNumber<std::int64_t>("model", model);
  demo.WriteNumber<std::uint8_t>("success", episode.success ? 1 : 0);
  VisitNumbers(episode, [&](const char* key, const auto& number) { demo.WriteNumber(key, number); });
  VisitTexts(episode, [&](const char* key, const std::string& text) { demo.WriteString(key, text); });
  VisitDocuments(episode, [&](const char* key, const std::string& text) { demo.WriteText(key, text); });
  VisitArrays(episode, info_, [&](const ArrayInfo& array, const auto& values) {
    demo.WriteArray(array.name, values.data(), array.dims, hdf5::Storage::kChecked, {array.unit, array.meaning});
  });
  WriteObservation(demo.Create("obs"), episode.obs, episode.num_steps);
  WriteObservation(demo.Create("obs_last"), episode.last_obs, 0);
  if (episode.success) masks_["success"].push_back(name);
  masks_[IsForValidation(episode.index) ? "valid" : "train"].push_back(name);
  if (!episode.split.empty()) masks_["split_" + episode.split].push_back(name);
  if (num_episodes_ == 0) first_index_ = episode.index;
  ++num_episodes_;
  num_steps_ += episode.num_steps;
}

std::string ShardWriter::CloseToBytes() {
  data_.WriteNumber<std::int64_t>("total", num_steps_);
  data_.WriteString("env_args", EnvArgs(info_));
  {
    const hdf5::Group mask = file_.root().Create("mask");
    for (const auto& [list, demos] : masks_) mask.WriteNames(list, demos);
  }
  data_ = {};
  models_ = {};
  return file_.CloseToBytes();
}

ShardReader::ShardReader(std::string bytes, const std::string& name, const DatasetInfo& info, const ShardInfo& shard,
                         hdf5::Checksums checksums)
    : info_(info), name_(name), file_(hdf5::File::FromBytes(std::move(bytes), name, checksums)) {
  CheckFile();
  data_ = file_.root().Open("data");
  models_ = file_.root().Open("models");
  const auto expect = [&](const std::string& key, std::uint64_t expected, std::uint64_t got) {
    if (expected != got) throw BadInput({name_, key, std::to_string(expected) + " (manifest)", std::to_string(got)});
  };
  expect("number of episodes", static_cast<std::uint64_t>(shard.num_episodes), data_.NumLinks());
  std::uint64_t steps = 0;
  for (int k = 0; k < shard.num_episodes; ++k) {
    headers_.push_back(ReadHeader(k));
    steps += static_cast<std::uint64_t>(headers_.back().num_steps);
    const std::uint64_t index = headers_.back().index;
    if (k == 0) {
      expect("index of the first episode", shard.first_index, index);
    } else if (index <= headers_[headers_.size() - 2].index || index >= EndOfShard(shard, info_)) {
      throw BadInput(
          {name_, "data/" + DemoName(k) + "/index", "indices that grow within the shard", std::to_string(index)});
    }
  }
  expect("number of steps", static_cast<std::uint64_t>(shard.num_steps), steps);
}

void ShardReader::CheckFile() const {
  const hdf5::Group& root = file_.root();
  if (!root.HasAttribute("format") || root.ReadString("format") != kFormatName)
    throw BadInput({name_, "format", kFormatName, "another HDF5 file"});
  CheckSchemaVersion(root.ReadNumber<std::int64_t>("schema_version"), name_);
  const auto expect = [&](const char* key, const std::string& expected, const std::string& got) {
    if (expected != got) throw BadInput({name_, key, Shown(expected) + " (manifest)", Shown(got)});
  };
  expect("engine_version", info_.engine_version, root.ReadString("engine_version"));
  for (const auto& [key, size] : {std::pair{"builder_version", info_.builder_version},
                                  {"physics_size", info_.physics_size},
                                  {"state_size", info_.state_size},
                                  {"ctrl_size", info_.ctrl_size}})
    expect(key, std::to_string(size), std::to_string(root.ReadNumber<std::int64_t>(key)));
  const EnvSpec spec = SpecFromJson(ParseJson(root.ReadString("env_spec"), name_ + ": env_spec"), name_);
  const std::string difference = SpecDifference(info_.spec, spec);
  if (!difference.empty())
    throw BadInput({name_, "", "a shard of this data set", difference + " (manifest against shard)"});
}

Episode ShardReader::ReadHeader(int k) const {
  const hdf5::Group demo = data_.Open(DemoName(k));
  const auto expect = [&](bool holds, const char* key, const std::string& expected, const std::string& got) {
    if (!holds) throw BadInput({name_, "data/" + DemoName(k) + "/" + key, expected, got});
  };
  Episode episode;
  VisitNumbers(episode,
               [&](const char* name, auto& number) { number = demo.ReadNumber<std::decay_t<decltype(number)>>(name); });
  VisitTexts(episode, [&](const char* name, std::string& text) {
    text = demo.ReadString(name);
    expect(IsText(text), name, "printable UTF-8", "other bytes");
  });
  const std::uint8_t success = demo.ReadNumber<std::uint8_t>("success");
  expect(success <= 1, "success", "0 or 1", std::to_string(success));
  episode.success = success != 0;
  const auto steps = demo.ReadNumber<std::int64_t>("num_samples");
  expect(steps >= 1 && steps <= kMaxSteps, "num_samples", "1 to " + std::to_string(kMaxSteps), std::to_string(steps));
  episode.num_steps = static_cast<int>(steps);
  expect(episode.task == info_.spec.task, "task", info_.spec.task, Shown(episode.task));
  expect(episode.policy == info_.policy, "policy", Shown(info_.policy) + " (manifest)", Shown(episode.policy));
  return episode;
}

std::vector<float> ShardReader::ReadObservation(const hdf5::Group& group, int num_steps) const {
  const auto total = static_cast<std::size_t>(info_.spec.obs_dim());
  std::vector<float> rows;
  std::size_t offset = 0;
  for (const FieldSpec& field : info_.spec.observation) {
    // Only after the array is known to be there in full is memory taken for its rows.
    const std::vector<float> columns =
        group.ReadArray<float>(field.name, num_steps > 0 ? ObsDims(field, num_steps) : WithoutTime(field));
    rows.resize(static_cast<std::size_t>(std::max(num_steps, 1)) * total);
    PutColumns(columns, rows, total, offset, static_cast<std::size_t>(field.size()));
    offset += static_cast<std::size_t>(field.size());
  }
  return rows;
}

Episode ShardReader::Read(int k) const {
  constexpr std::uint64_t kMaxDocumentBytes = 1u << 20;
  Episode episode = headers_.at(static_cast<std::size_t>(k));
  const hdf5::Group demo = data_.Open(DemoName(k));
  VisitDocuments(episode, [&](const char* name, std::string& text) { text = demo.ReadText(name, kMaxDocumentBytes); });
  episode.model_xml = models_.ReadText(std::to_string(demo.ReadNumber<std::int64_t>("model")), 2 * kMaxDocumentBytes);
  VisitArrays(episode, info_, [&](const ArrayInfo& array, auto& values) {
    values = demo.ReadArray<typename std::decay_t<decltype(values)>::value_type>(array.name, array.dims);
  });
  episode.obs = ReadObservation(demo.Open("obs"), episode.num_steps);
  episode.last_obs = ReadObservation(demo.Open("obs_last"), 0);
  const std::string bad = FirstNonFinite(episode, info_);
  if (!bad.empty()) throw BadInput({name_, "data/" + DemoName(k) + "/" + bad, "a finite number", "another"});
  return episode;
}

}  // namespace genba::datasets

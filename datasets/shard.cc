#include "datasets/shard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "datasets/manifest.h"
#include "datasets/schema.h"

namespace genba::datasets {
namespace {

std::string DemoName(int k) { return "demo_" + std::to_string(k); }

std::uint64_t Product(const hdf5::Dims& dims) {
  std::uint64_t product = 1;
  for (const std::uint64_t extent : dims) product *= extent;
  return product;
}

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

// What a recorder may hand over: whole, of this task, finite.
void CheckEpisode(const Episode& episode, const DatasetInfo& info) {
  const std::string who = "episode " + std::to_string(episode.index) + ": ";
  GENBA_CHECK(episode.num_steps >= 1 && episode.num_steps <= kMaxSteps, who + "number of steps");
  GENBA_CHECK(episode.task == info.spec.task, who + "of another task");
  GENBA_CHECK(episode.split.find('/') == std::string::npos, who + "a split names a list in the file");
  VisitArrays(episode, info, [&](const char* name, const auto& values, const hdf5::Dims& dims, const std::string&) {
    GENBA_CHECK(values.size() == Product(dims), who + name + " does not have the shape " + hdf5::DimsText(dims));
  });
  GENBA_CHECK(
      episode.obs.size() == static_cast<std::size_t>(episode.num_steps) * static_cast<std::size_t>(info.spec.obs_dim()),
      who + "size of obs");
  const std::string bad = FirstNonFinite(episode, info);
  GENBA_CHECK(bad.empty(), who + bad + " is not finite");
}

// What robomimic asks for: which environment these demonstrations are of.
std::string EnvArgs(const DatasetInfo& info) {
  return nlohmann::json{{"env_name", info.spec.task},
                        {"env_version", "mujoco " + info.engine_version},
                        {"env_kwargs", {{"revision", info.revision}}}}
      .dump();
}

}  // namespace

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
  VisitArrays(episode, info,
              [&](const char* name, const auto& values, const hdf5::Dims&, const std::string&) { look(name, values); });
  look("obs", episode.obs);
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
  root.WriteString("revision", info.revision);
  root.WriteString("env_spec", ToJson(info.spec).dump());
  root.WriteNumber<std::int64_t>("physics_size", info.physics_size);
  root.WriteNumber<std::int64_t>("state_size", info.state_size);
  masks_["success"];
}

std::int64_t ShardWriter::ModelNumber(const std::string& xml) {
  const auto [place, is_new] = model_numbers_.try_emplace(xml, static_cast<std::int64_t>(model_numbers_.size()));
  if (is_new) models_.WriteText(std::to_string(place->second), xml);
  return place->second;
}

void ShardWriter::Append(const Episode& episode) {
  CheckEpisode(episode, info_);
  const std::int64_t model = ModelNumber(episode.model_xml);
  const hdf5::Group demo = data_.Create(DemoName(num_episodes_));
  demo.WriteNumber<std::int64_t>("num_samples", episode.num_steps);  // signed: Python adds them up
  demo.WriteNumber<std::int64_t>("model", model);
  demo.WriteNumber<std::uint8_t>("success", episode.success ? 1 : 0);
  VisitNumbers(episode, [&](const char* name, const auto& number) { demo.WriteNumber(name, number); });
  VisitTexts(episode, [&](const char* name, const std::string& text) { demo.WriteString(name, text); });
  demo.WriteText("plan", episode.plan);
  VisitArrays(episode, info_, [&](const char* name, const auto& values, const hdf5::Dims& dims, const std::string&) {
    demo.WriteArray(name, values.data(), dims);
  });
  const hdf5::Group obs = demo.Create("obs");
  std::size_t offset = 0;
  for (const FieldSpec& field : info_.spec.observation) {
    const auto width = static_cast<std::size_t>(field.size());
    const std::vector<float> columns =
        TakeColumns(episode.obs, static_cast<std::size_t>(info_.spec.obs_dim()), offset, width);
    obs.WriteArray(field.name, columns.data(), ObsDims(field, episode.num_steps));
    offset += width;
  }
  if (episode.success) masks_["success"].push_back(DemoName(num_episodes_));
  if (!episode.split.empty() && episode.split != "success") masks_[episode.split].push_back(DemoName(num_episodes_));
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

ShardReader::ShardReader(std::string_view bytes, const std::string& name, const DatasetInfo& info,
                         const ShardInfo& shard, hdf5::Checksums checksums)
    : info_(info), name_(name), file_(hdf5::File::FromBytes(bytes, name, checksums)) {
  CheckFile(info);
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
    if (k == 0) {
      expect("index of the first episode", shard.first_index, headers_[0].index);
    } else if (headers_.back().index <= headers_[headers_.size() - 2].index) {
      throw BadInput(
          {name_, "data/" + DemoName(k) + "/index", "indices that grow", std::to_string(headers_.back().index)});
    }
  }
  expect("number of steps", static_cast<std::uint64_t>(shard.num_steps), steps);
}

void ShardReader::CheckFile(const DatasetInfo& info) const {
  const hdf5::Group& root = file_.root();
  if (!root.HasAttribute("format") || root.ReadString("format") != kFormatName)
    throw BadInput({name_, "format", kFormatName, "another HDF5 file"});
  const auto version = root.ReadNumber<std::int64_t>("schema_version");
  if (version != kSchemaVersion) {
    throw BadInput({name_, "schema_version", std::to_string(kSchemaVersion),
                    std::to_string(version) + (version > kSchemaVersion ? " (written by a later Genba)" : "")});
  }
  DatasetInfo own = info;
  own.engine_version = root.ReadString("engine_version");
  own.revision = root.ReadString("revision");
  own.physics_size = static_cast<int>(root.ReadNumber<std::int64_t>("physics_size"));
  own.state_size = static_cast<int>(root.ReadNumber<std::int64_t>("state_size"));
  try {
    own.spec = EnvSpecFromJson(nlohmann::json::parse(root.ReadString("env_spec")), name_);
  } catch (const nlohmann::json::exception& error) {
    throw BadInput({name_, "env_spec", "JSON", error.what()});
  }
  const std::string difference = DescriptionDifference(info, own);
  if (!difference.empty())
    throw BadInput({name_, "", "a shard of this data set", difference + " (manifest against shard)"});
}

Episode ShardReader::ReadHeader(int k) const {
  const hdf5::Group demo = data_.Open(DemoName(k));
  Episode episode;
  VisitNumbers(episode,
               [&](const char* name, auto& number) { number = demo.ReadNumber<std::decay_t<decltype(number)>>(name); });
  VisitTexts(episode, [&](const char* name, std::string& text) { text = demo.ReadString(name); });
  episode.success = demo.ReadNumber<std::uint8_t>("success") != 0;
  const auto steps = demo.ReadNumber<std::int64_t>("num_samples");
  if (steps < 1 || steps > kMaxSteps) {
    throw BadInput(
        {name_, "data/" + DemoName(k) + "/num_samples", "1 to " + std::to_string(kMaxSteps), std::to_string(steps)});
  }
  episode.num_steps = static_cast<int>(steps);
  return episode;
}

Episode ShardReader::Read(int k) const {
  Episode episode = headers_.at(static_cast<std::size_t>(k));
  const hdf5::Group demo = data_.Open(DemoName(k));
  episode.plan = demo.ReadText("plan");
  episode.model_xml = models_.ReadText(std::to_string(demo.ReadNumber<std::int64_t>("model")));
  VisitArrays(episode, info_, [&](const char* name, auto& values, const hdf5::Dims& dims, const std::string&) {
    values = demo.ReadArray<typename std::decay_t<decltype(values)>::value_type>(name, dims);
  });
  const hdf5::Group obs = demo.Open("obs");
  const auto total = static_cast<std::size_t>(info_.spec.obs_dim());
  std::size_t offset = 0;
  for (const FieldSpec& field : info_.spec.observation) {
    // Only after the array is known to be there in full is memory taken for its rows.
    const std::vector<float> columns = obs.ReadArray<float>(field.name, ObsDims(field, episode.num_steps));
    episode.obs.resize(static_cast<std::size_t>(episode.num_steps) * total);
    PutColumns(columns, episode.obs, total, offset, static_cast<std::size_t>(field.size()));
    offset += static_cast<std::size_t>(field.size());
  }
  return episode;
}

}  // namespace genba::datasets

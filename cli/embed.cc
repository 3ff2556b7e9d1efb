// genba embed: what the backbone makes of a text.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/table.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/terminal.h"
#include "policies/features.h"
#include "policies/safetensors.h"

namespace genba::cli {

namespace {

struct Options {
  policies::FeatureConfig config;
  std::vector<std::string> texts;
  std::string out;
  JsonOption json;
};

std::vector<double> Mean(const policies::Features& f) {
  std::vector<double> mean(static_cast<std::size_t>(f.dim));
  for (std::size_t i = 0; i < f.values.size(); ++i)
    mean[i % mean.size()] += static_cast<double>(f.values[i]) / f.num_tokens;
  return mean;
}

double Cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
  return ab / std::sqrt(aa * bb);
}

policies::TensorData ToTensor(const policies::Features& f) {
  policies::TensorData data{
      policies::TensorType::kF32, {f.num_tokens, f.dim}, std::string(f.values.size() * sizeof(float), '\0')};
  std::memcpy(data.bytes.data(), f.values.data(), data.bytes.size());
  return data;
}

void Run(const Options& options) {
  for (const std::string& text : options.texts) {
    if (!IsUtf8(text)) throw BadInput({"embed", "text", "UTF-8", Shown(text)});
  }
  const auto source = policies::MakeFeatureSource(options.config);
  nlohmann::json rows = nlohmann::json::array();
  policies::TensorFile file;
  file.metadata["features_hash"] = source->hash();
  const std::vector<double> first = Mean(source->Get(options.texts.front()));
  for (std::size_t i = 0; i < options.texts.size(); ++i) {
    CheckInterrupt();
    const policies::Features& f = source->Get(options.texts[i]);
    rows.push_back({{"text", options.texts[i]},
                    {"tokens", f.num_tokens},
                    {"dim", f.dim},
                    {"cosine_to_first", Cosine(first, Mean(f))}});
    file.tensors["text" + std::to_string(i)] = ToTensor(f);
    file.metadata["text" + std::to_string(i)] = options.texts[i];
  }
  if (!options.out.empty()) policies::WriteSafetensors(options.out, file);
  options.json.Answer({{"features_hash", source->hash()}, {"texts", rows}}, [&] {
    for (const auto& row : rows)
      std::printf("%6s  %3d tokens  %s\n", Figure(row["cosine_to_first"]).c_str(), row["tokens"].get<int>(),
                  row["text"].get<std::string>().c_str());
  });
}

}  // namespace

void AddEmbed(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "embed", "Print or save the features of texts; the number is the cosine of mean features to the first text");
  command->add_option("text", options->texts, "one or more texts")->required();
  command->add_option("--backbone", options->config.backbone, "default | bag_of_words | random | a model folder")
      ->capture_default_str();
  AddWhole(*command, "--layer", &options->config.layer, -1, 1000, "hidden state after so many blocks; -1: 0.6 of them");
  AddWhole(*command, "--low-layer", &options->config.low_layer, -1, 1000,
           "beside the one after so many; -1: 0.15 of them; as --layer: none");
  AddWhole(*command, "--high-layer", &options->config.high_layer, -1, 1000,
           "and the one after so many; -1: all; as --layer: none");
  command->add_option("--cache", options->config.cache, "folder that keeps features");
  AddOutput(*command, "--out", &options->out, "safetensors file for the features");
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli

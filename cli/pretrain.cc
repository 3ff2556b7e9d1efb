// genba pretrain: make the small default language backbone.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "trainer/pretrain.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::PretrainConfig config;
  std::string out;
  ConfigOptions settings;
  JsonOption json;
};

std::string CommandLine(const Options& options) {
  std::string line = "genba pretrain --out " + options.out + " --seed " + std::to_string(options.config.seed);
  for (const std::string& set : options.settings.sets) line += " --set " + set;
  return line;
}

void Run(Options& options) {
  ConfigTable table;
  Register(table, options.config);
  options.settings.ApplyTo(table);
  const trainer::PretrainResult r = trainer::Pretrain(options.config, options.out, CommandLine(options));
  const nlohmann::json json{{"parameters", r.parameters},
                            {"language_loss", r.language_loss},
                            {"contrast_loss", r.contrast_loss},
                            {"retrieval_words", r.retrieval_words},
                            {"retrieval_templates", r.retrieval_templates},
                            {"seconds", r.seconds},
                            {"corpus_sha256", r.corpus_hash},
                            {"weights_sha256", r.weights_hash}};
  options.json.Answer(json, [&] {
    for (const auto& [key, value] : json.items()) std::printf("%-22s %s\n", key.c_str(), value.dump().c_str());
  });
}

}  // namespace

void AddPretrain(CLI::App& app) {
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->config);
  CLI::App* command =
      app.add_subcommand("pretrain", "Train the small bilingual language backbone from the grammar's sentences");
  command
      ->add_option("--out", options->out, "folder for config.json, model.safetensors, tokenizer.model, MODEL_CARD.md")
      ->required();
  AddSeed(*command, &options->config.seed, "of corpus and weights");
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli

// genba pretrain: make the small default language backbone.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/training.h"
#include "trainer/pretrain.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::PretrainConfig config;
  std::string out, trace;
  std::uint64_t seed = 1;
  bool seed_given = false, resume = false;
  ConfigOptions settings;
  JsonOption json;
};

std::string CommandLine(const Options& options) {
  std::string line = "genba pretrain --out " + options.out + " --seed " + std::to_string(options.config.seed);
  for (const std::string& set : options.settings.sets) line += " --set " + set;
  return line + (options.resume ? " --resume" : "");
}

void Run(Options& options) {
  trainer::RunFolder run(options.out, options.resume);
  run.set_trace(options.trace);
  ConfigTable table;
  Register(table, options.config);
  run.Resolve(table, [&](ConfigTable& settings) {
    options.settings.ApplyTo(settings);
    if (options.seed_given) settings.Set("pretrain.seed=" + std::to_string(options.seed));
  });
  const trainer::PretrainResult r = trainer::Pretrain(options.config, run, CommandLine(options));
  const auto measured = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  const nlohmann::json json{{"parameters", r.parameters},
                            {"language_loss", measured(r.language_loss)},
                            {"contrast_loss", measured(r.contrast_loss)},
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
      ->add_option("--out", options->out,
                   "run folder; in the end also config.json, model.safetensors, tokenizer.model, MODEL_CARD.md")
      ->required();
  CLI::Option* seed = AddSeed(*command, &options->seed, "of corpus and weights: setting pretrain.seed");
  command->add_flag("--resume", options->resume,
                    "go on from the newest whole checkpoint, bit for bit; settings are the run's");
  options->settings.AddTo(*command, table.Help());
  AddTrace(*command, &options->trace);
  options->json.AddTo(*command);
  command->callback([options, seed] {
    options->seed_given = seed->count() > 0;
    Run(*options);
  });
}

}  // namespace genba::cli

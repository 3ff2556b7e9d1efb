// pretrain.h - makes the small default language model: a bilingual Llama-shaped decoder that has read what the grammar
// can say. Called by `genba pretrain`. Reproducible: the same settings give the same bytes (one thread count, one
// processor type), however often it was stopped. The folder is a run (learner.h); at the end it gets config.json,
// model.safetensors, tokenizer.model and MODEL_CARD.md; until then an older model in it stays whole.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/config.h"
#include "trainer/run_folder.h"

namespace genba::trainer {

struct PretrainConfig {
  std::uint64_t seed = 1;
  int steps = 5000;
  int pairs = 32;      // orders per step; each is said twice
  int corpus = 40000;  // sentences the tokenizer is trained on
  int vocab = 4000;
  int width = 192;
  int layers = 6;
  int threads = 2;
  double learning_rate = 1.5e-3;
  double contrast = 0.5;                                             // weight of the paraphrase loss
  int checkpoint_every = 500, keep_checkpoints = 1, log_every = 20;  // steps; checkpoints; steps
};
void Register(ConfigTable& table, PretrainConfig& config);  // section "pretrain"

struct PretrainResult {
  std::optional<double> language_loss;  // nats per token, mean of the last tenth
  std::optional<double> contrast_loss;
  double retrieval_words = 0;      // share of held-out-word texts whose nearest training text has the same order
  double retrieval_templates = 0;  // the same for held-out templates
  std::int64_t parameters = 0;
  double seconds = 0;
  std::string corpus_hash, weights_hash;
};
// Before run.Begin nothing is written. command: how it was made, for the card.
PretrainResult Pretrain(const PretrainConfig& config, RunFolder& run, const std::string& command);

}  // namespace genba::trainer

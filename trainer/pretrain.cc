#include "trainer/pretrain.h"

#include <ATen/core/Reduction.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/version.h"
#include "envs/language.h"
#include "policies/compute.h"
#include "policies/decoder.h"
#include "policies/tokenizer.h"
#include "trainer/learner.h"
#include "trainer/optimizer.h"
#include "trainer/pretrain_corpus.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;
using policies::Decoder;
using policies::Tokenizer;

constexpr double kTemperature = 0.07;  // of the paraphrase contrast
constexpr int kIgnored = -100;         // cross entropy's label for padding

struct TokenBatch {
  at::Tensor tokens;        // [B, T] padded with 0
  at::Tensor lengths;       // [B]
  at::Tensor text_lengths;  // [B] tokens of the instruction itself
};

TokenBatch Pack(const std::vector<std::vector<int>>& rows, const std::vector<std::int64_t>& text_lengths) {
  std::size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  const auto count = static_cast<std::int64_t>(rows.size());
  TokenBatch batch{at::full({count, static_cast<std::int64_t>(longest)}, 0, at::kLong), at::empty({count}, at::kLong),
                   at::empty({count}, at::kLong)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy(rows[i].begin(), rows[i].end(), batch.tokens.mutable_data_ptr<std::int64_t>() + i * longest);
    batch.lengths.mutable_data_ptr<std::int64_t>()[i] = static_cast<std::int64_t>(rows[i].size());
    batch.text_lengths.mutable_data_ptr<std::int64_t>()[i] = text_lengths[i];
  }
  return batch;
}

// First half of the rows: instruction → meaning; second half: the other one → the first text. Both begin with an
// instruction, so that the states over it are the ones a policy will see.
TokenBatch Tokenize(const Tokenizer& tokenizer, const std::vector<SaidTwice>& pairs) {
  std::vector<std::vector<int>> rows;
  std::vector<std::int64_t> text_lengths;
  for (int side = 0; side < 2; ++side) {
    for (const SaidTwice& pair : pairs) {
      const std::string target = side == 0 || !pair.paraphrases ? pair.meaning : pair.texts[0];
      std::vector<int> row = tokenizer.Encode(pair.heard[side]);
      text_lengths.push_back(static_cast<std::int64_t>(row.size()));
      const std::vector<int> answer = tokenizer.Encode("=> " + target);
      row.insert(row.end(), answer.begin() + 1, answer.end());
      row.push_back(tokenizer.eos());
      rows.push_back(std::move(row));
    }
  }
  return Pack(rows, text_lengths);
}

// Mean of the states over the instruction (begin of sentence left out), unit length. [B, d]
at::Tensor Pool(const at::Tensor& hidden, const at::Tensor& text_lengths) {
  const at::Tensor index = at::arange(hidden.size(1), at::kLong).view({1, -1});
  const at::Tensor inside = (index >= 1).logical_and(index < text_lengths.view({-1, 1})).to(at::kFloat).unsqueeze(-1);
  const at::Tensor level = hidden / (hidden.pow(2).mean(-1, true) + 1e-5).sqrt();
  const at::Tensor mean = (level * inside).sum(1) / inside.sum(1).clamp_min(1);  // nothing was said: zero
  return mean / (mean.pow(2).sum(-1, true) + 1e-8).sqrt();
}

struct Losses {
  at::Tensor language, contrast;
};

// same [pairs] 1: both sides mean the same.
Losses ComputeLosses(const Decoder& decoder, const policies::Weights& weights, const TokenBatch& batch,
                     const at::Tensor& same, int layer) {
  const std::array depths{layer, decoder.config().num_hidden_layers};
  const std::vector<at::Tensor> states = decoder.HiddenAt(weights, batch.tokens, batch.lengths, depths);
  const at::Tensor &hidden = states.front(), &final_hidden = states.back();
  const std::int64_t length = batch.tokens.size(1);
  const at::Tensor logits = decoder.Logits(weights, final_hidden.narrow(1, 0, length - 1));
  const at::Tensor index = at::arange(1, length, at::kLong).view({1, -1});
  const at::Tensor targets =
      batch.tokens.narrow(1, 1, length - 1).masked_fill(index >= batch.lengths.view({-1, 1}), kIgnored);
  const at::Tensor language =
      at::cross_entropy_loss(logits.reshape({-1, logits.size(2)}), targets.reshape({-1}), {}, 1, kIgnored);

  const std::vector<at::Tensor> sides = Pool(hidden, batch.text_lengths).chunk(2, 0);
  const at::Tensor scores = at::matmul(sides[0], sides[1].t()) / kTemperature;
  const at::Tensor diagonal = at::arange(scores.size(0), at::kLong);
  const at::Tensor each = at::cross_entropy_loss(scores, diagonal, {}, at::Reduction::None) +
                          at::cross_entropy_loss(scores.t(), diagonal, {}, at::Reduction::None);
  const at::Tensor contrast = (each * same).sum() / (2 * same.sum().clamp_min(1));
  return {language, contrast};
}

policies::DecoderConfig DecoderShape(const PretrainConfig& config, int vocab_size) {
  policies::DecoderConfig shape;
  shape.vocab_size = vocab_size;
  shape.hidden_size = config.width;
  shape.intermediate_size = config.width * 8 / 3 / 32 * 32;
  shape.num_hidden_layers = config.layers;
  shape.head_dim = 32;
  shape.num_attention_heads = config.width / 32;
  shape.num_key_value_heads = shape.num_attention_heads % 3 == 0 ? shape.num_attention_heads / 3 : 1;
  shape.max_position_embeddings = 256;
  shape.tie_word_embeddings = true;
  return shape;
}

// [n, d] pooled features of texts.
at::Tensor PoolTexts(const Decoder& decoder, const policies::Weights& weights, const Tokenizer& tokenizer,
                     const std::vector<std::string>& texts, int layer) {
  const c10::InferenceMode no_gradients;
  std::vector<at::Tensor> pooled;
  for (std::size_t start = 0; start < texts.size(); start += 128) {
    std::vector<std::vector<int>> rows;
    std::vector<std::int64_t> lengths;
    for (std::size_t i = start; i < std::min(texts.size(), start + 128); ++i) {
      rows.push_back(tokenizer.Encode(texts[i]));
      lengths.push_back(static_cast<std::int64_t>(rows.back().size()));
    }
    const TokenBatch batch = Pack(rows, lengths);
    pooled.push_back(Pool(decoder.Hidden(weights, batch.tokens, batch.lengths, layer), batch.text_lengths));
  }
  return at::cat(pooled, 0);
}

// Texts of a held-out split against training texts of the same orders in the other language: is the nearest of the same
// order?
double Retrieval(const Decoder& decoder, const policies::Weights& weights, const Tokenizer& tokenizer,
                 envs::Split split, int layer) {
  std::vector<std::string> queries, keys;
  std::vector<envs::Order> orders;
  for (std::uint64_t number = 0; orders.size() < 200; ++number) {
    Rng rng(424242, number, "retrieval");
    const envs::Order order = envs::Corpus(rng.NextU64(), 1).front().order;
    if (std::find(orders.begin(), orders.end(), order) != orders.end()) continue;
    const bool japanese = rng.Chance(0.5);
    queries.push_back(
        envs::Say(order, japanese ? envs::Language::kJapanese : envs::Language::kEnglish, split, rng).text);
    keys.push_back(
        envs::Say(order, japanese ? envs::Language::kEnglish : envs::Language::kJapanese, envs::Split::kTrain, rng)
            .text);
    orders.push_back(order);
  }
  const at::Tensor scores = at::matmul(PoolTexts(decoder, weights, tokenizer, queries, layer),
                                       PoolTexts(decoder, weights, tokenizer, keys, layer).t());
  const at::Tensor nearest = scores.argmax(1);
  return (nearest == at::arange(nearest.size(0), at::kLong)).to(at::kDouble).mean().item<double>();
}

class PretrainLearner final : public Learner {
 public:
  PretrainLearner(const PretrainConfig& config, const Tokenizer& tokenizer)
      : config_(config),
        tokenizer_(tokenizer),
        decoder_(DecoderShape(config, tokenizer.vocab_size())),
        flat_(decoder_.layout().Initial(config.seed)),
        gradient_(at::zeros_like(flat_)),
        weights_(decoder_.layout().TrainableViews(flat_, gradient_)),
        optimizer_(flat_, gradient_, {}) {}

  std::int64_t step() const override { return step_; }
  std::optional<double> loss() const override { return step_ > 0 ? std::optional(running_loss_) : std::nullopt; }
  Scalars Step() override;
  void Save(policies::Checkpoint& checkpoint) const override;
  void Load(const policies::Checkpoint& checkpoint, const std::string& file) override;

  const Decoder& decoder() const { return decoder_; }
  const at::Tensor& flat() const { return flat_; }
  int layer() const { return static_cast<int>(std::lround(0.6 * config_.layers)); }
  std::optional<double> MeanOfTail(const char* name) const {
    const auto sum = tail_.find(name);
    if (sum == tail_.end() || tail_steps_ == 0) return {};
    return sum->second / static_cast<double>(tail_steps_);
  }

 private:
  struct Drawn {
    TokenBatch tokens;
    at::Tensor same;  // [pairs] as ComputeLosses has it
  };
  Drawn Draw() const;
  Losses LearnFrom(const Drawn& drawn);

  const PretrainConfig& config_;
  const Tokenizer& tokenizer_;
  Decoder decoder_;
  at::Tensor flat_, gradient_;
  policies::Weights weights_;
  FlatAdamW optimizer_;
  std::int64_t step_ = 0, tail_steps_ = 0;
  Scalars tail_;  // sums over the last tenth of the steps
  double running_loss_ = 0;
};

PretrainLearner::Drawn PretrainLearner::Draw() const {
  const Phases::Scope in = phases().In("data");
  const std::vector<SaidTwice> pairs = DrawSaidTwice(config_.seed, static_cast<std::uint64_t>(step_), config_.pairs);
  const at::Tensor same = at::empty({static_cast<std::int64_t>(pairs.size())}, at::kFloat);
  std::transform(pairs.begin(), pairs.end(), same.mutable_data_ptr<float>(),
                 [](const SaidTwice& pair) { return pair.paraphrases ? 1.0f : 0.0f; });
  return {Tokenize(tokenizer_, pairs), same};
}

Losses PretrainLearner::LearnFrom(const Drawn& drawn) {
  const Phases::Scope in = phases().In("learn");
  const Losses losses = ComputeLosses(decoder_, weights_, drawn.tokens, drawn.same, layer());
  (losses.language + config_.contrast * losses.contrast).backward();
  return losses;
}

Scalars PretrainLearner::Step() {
  const Losses losses = LearnFrom(Draw());
  const double rate = WarmupCosine(step_, std::max(1, config_.steps / 20), config_.steps, config_.learning_rate, 0.02);
  const at::Tensor norm = phases().Of("optimiser", [&] { return optimizer_.Step(rate); });
  const double language = losses.language.item<double>(), contrast = losses.contrast.item<double>();
  const double loss = language + config_.contrast * contrast;
  if (!std::isfinite(loss))
    throw Error(ErrorKind::kFailed, "the loss of step " + std::to_string(step_) + " is not finite");
  if (step_ >= config_.steps - std::max(1, config_.steps / 10)) {
    tail_["language"] += language;
    tail_["contrast"] += contrast;
    ++tail_steps_;
  }
  running_loss_ = step_ == 0 ? loss : 0.98 * running_loss_ + 0.02 * loss;
  ++step_;
  return {{"Loss/language", language},
          {"Loss/contrast", contrast},
          {"Train/learning_rate", rate},
          {"Train/gradient_norm", norm.item<double>()}};
}

void PretrainLearner::Save(policies::Checkpoint& checkpoint) const {
  decoder_.layout().ToFile(flat_, checkpoint.policy);
  checkpoint.training.tensors["weights"] = policies::ToTensorData(flat_);
  optimizer_.Save(checkpoint.training);
  checkpoint.state = {
      {"tokenizer", tokenizer_.hash()}, {"running_loss", running_loss_}, {"tail", tail_}, {"tail_steps", tail_steps_}};
}

void PretrainLearner::Load(const policies::Checkpoint& checkpoint, const std::string& file) {
  const nlohmann::json& state = checkpoint.state;
  const std::string tokenizer = JsonText(state, "tokenizer", file);
  if (tokenizer != tokenizer_.hash())
    throw BadInput({file, "tokenizer", tokenizer_.hash() + " (what these settings make)", tokenizer});
  const at::Tensor weights = policies::TensorLike(checkpoint.training, "weights", flat_, file);
  const nlohmann::json& tail = JsonObject(state, "tail", file);
  for (const auto& [name, sum] : tail.items()) tail_[name] = JsonNumber(tail, name, file);
  tail_steps_ = JsonInt(state, "tail_steps", file, 0);
  running_loss_ = JsonNumber(state, "running_loss", file);
  step_ = JsonInt(state, "step", file, 0);
  optimizer_.Restore(checkpoint.training, file, step_);
  flat_.copy_(weights);
}

std::string ModelCard(const PretrainConfig& config, const PretrainResult& result, const std::string& command) {
  std::ostringstream card;
  card
      << "# genba-small: the default language backbone\n\n"
      << "A Llama-shaped decoder, " << result.parameters << " parameters (" << config.layers << " layers, width "
      << config.width
      << ", rotary positions, grouped-query attention, tied embeddings), with a bilingual SentencePiece vocabulary.\n\n"
      << "Made by `" << command << "` (genba " << Revision() << ", " << config.threads << " threads, "
      << static_cast<int>(result.seconds) << " s).\n"
      << "Corpus: orders and sentences that are none, in the grammar's templates and put together from frames, phrases "
         "with "
         "their explanation, words of everyday life and words that forbid in both languages, all from `envs/language`, "
         "seed "
      << config.seed << "; SHA-256 of the tokenizer's lines " << result.corpus_hash << ".\n"
      << "Weights: SHA-256 " << result.weights_hash << ".\n\n"
      << "Trained for: next token on instructions (some in patterns made up on the spot, varied, or with a slip of the "
         "finger), instruction → canonical order, or answer and family of what is no order, Japanese ⇄ English, and a "
         "contrast between paraphrases on the states of layer "
      << std::lround(0.6 * config.layers) << ".\n\n"
      << "Measured after training: " << result.language_loss.value() << " nats per token, contrast loss "
      << result.contrast_loss.value() << ". Nearest neighbour across languages among 200 orders: held-out words "
      << result.retrieval_words << ", held-out templates " << result.retrieval_templates << ".\n\n"
      << "It can: place the factory instructions of this grammar, Japanese and English, so that equal meanings are "
         "near each other, synonyms included.\n"
      << "It cannot: converse, translate or understand anything else. Words outside its corpus have no meaning to it.\n"
      << "The synonyms that policies are tested on (split `taught`) are in its corpus as words - in phrases, explained "
         "by "
         "other phrases, and in made-up patterns - and in no sentence that an order is said in. Words that forbid "
         "(forbidden, 厳禁, …) stand in it as words too.\n"
      << "Not in its corpus: the templates and patterns of split `templates` and those of calibration, held-out pairs, "
         "the "
         "words of split `unseen`, the unknown words of evaluation and the families `held_out.…` "
         "(tests/trainer/pretrain_corpus_test.cc).\n";
  return card.str();
}

}  // namespace

void Register(ConfigTable& table, PretrainConfig& config) {
  table.Add("pretrain.steps", &config.steps, {1, 1e7}, "optimiser steps");
  table.Add("pretrain.pairs", &config.pairs, {2, 4096}, "orders per step, each said twice");
  table.Add("pretrain.corpus", &config.corpus, {100, 1e7}, "sentences the tokenizer is trained on");
  table.Add("pretrain.vocab", &config.vocab, {400, 64000}, "pieces of the vocabulary, at most");
  table.Add("pretrain.width", &config.width, {32, 4096}, "columns of a state, a multiple of 32");
  table.Add("pretrain.layers", &config.layers, {1, 64}, "blocks");
  table.Add("pretrain.threads", &config.threads, {1, 256},
            "threads of the matrix library; another number gives other last bits");
  table.Add("pretrain.learning_rate", &config.learning_rate, {1e-7, 1}, "peak of the warm-up and cosine");
  table.Add("pretrain.contrast", &config.contrast, {0, 100}, "weight of the paraphrase contrast");
  table.Add("pretrain.seed", &config.seed, "of corpus and weights");
  RegisterReporting(table, "pretrain", {&config.checkpoint_every, &config.keep_checkpoints, &config.log_every});
}

namespace {

// Last of all, so that until then an older model in this folder stays whole.
std::string WriteModel(const fs::path& out, const PretrainLearner& learner, const std::string& tokenizer_model) {
  WriteFileAtomically(out / "tokenizer.model", tokenizer_model);
  policies::TensorFile file;
  learner.decoder().layout().ToFile(learner.flat(), file);
  file.metadata["format"] = "pt";  // what transformers asks for
  policies::WriteSafetensors(out / "model.safetensors", file);
  WriteFileAtomically(out / "config.json", policies::ToConfigJson(learner.decoder().config()));
  return Sha256File(out / "model.safetensors");
}

}  // namespace

PretrainResult Pretrain(const PretrainConfig& config, RunFolder& run, const std::string& command) {
  if (config.width % 32 != 0)
    throw BadInput({"settings", "pretrain.width", "a multiple of 32", std::to_string(config.width)});
  policies::UseMatrixThreads(config.threads, "pretrain.threads");
  const auto start = std::chrono::steady_clock::now();
  PretrainResult result;
  const std::vector<std::string> lines = TokenizerLines(config.seed, config.corpus);
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  result.corpus_hash = Sha256(all);
  const std::string tokenizer_model = policies::TrainTokenizer(lines, config.vocab);
  const Tokenizer tokenizer(tokenizer_model, "the new tokenizer");

  PretrainLearner learner(config, tokenizer);
  SelfComm alone;
  RunLearner(learner, alone, run,
             {.label = "pretrain",
              .steps = config.steps,
              .checkpoint_every = config.checkpoint_every,
              .keep_checkpoints = config.keep_checkpoints,
              .log_every = config.log_every,
              .samples_per_step = 2 * config.pairs});
  result.parameters = learner.decoder().layout().num_weights();
  result.language_loss = learner.MeanOfTail("language");
  result.contrast_loss = learner.MeanOfTail("contrast");
  const policies::Weights trained = learner.decoder().layout().Views(learner.flat());
  result.retrieval_words = Retrieval(learner.decoder(), trained, tokenizer, envs::Split::kTaught, learner.layer());
  result.retrieval_templates =
      Retrieval(learner.decoder(), trained, tokenizer, envs::Split::kTemplates, learner.layer());
  result.weights_hash = WriteModel(run.path(), learner, tokenizer_model);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  WriteFileAtomically(run.path() / "MODEL_CARD.md", ModelCard(config, result, command));
  return result;
}

}  // namespace genba::trainer

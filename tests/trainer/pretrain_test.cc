#include "trainer/pretrain.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "envs/language.h"
#include "policies/features.h"
#include "policies/tokenizer.h"
#include "scratch.h"

namespace genba::trainer {
namespace {

PretrainConfig Tiny() {
  return {.steps = 12, .pairs = 4, .corpus = 400, .vocab = 500, .width = 32, .layers = 2, .threads = 1};
}

PretrainResult Pretrain(const PretrainConfig& settings, const std::filesystem::path& out, bool resume = false) {
  RunFolder run(out, resume);
  PretrainConfig config = settings;
  ConfigTable table;
  Register(table, config);
  run.Resolve(table, [&](ConfigTable&) { config = settings; });
  return Pretrain(config, run, "test");
}

class Pretraining : public ScratchTest {};

TEST_F(Pretraining, TheSameSettingsGiveTheSameBytesAndAnotherSeedOthers) {
  const PretrainResult first = Pretrain(Tiny(), folder_ / "a"), second = Pretrain(Tiny(), folder_ / "b");
  EXPECT_EQ(first.weights_hash, second.weights_hash);
  EXPECT_EQ(first.corpus_hash, second.corpus_hash);
  for (const char* file : {"model.safetensors", "tokenizer.model", "config.json"}) {
    EXPECT_EQ(ReadFile(folder_ / "a" / file, 64 << 20), ReadFile(folder_ / "b" / file, 64 << 20)) << file;
  }
  PretrainConfig other = Tiny();
  other.seed = 2;
  EXPECT_NE(Pretrain(other, folder_ / "c").weights_hash, first.weights_hash);
}

TEST_F(Pretraining, WhatItMakesIsABackbone) {
  Pretrain(Tiny(), folder_);
  policies::FeatureConfig config;
  config.backbone = folder_.string();
  const auto features = policies::MakeFeatureSource(config);
  EXPECT_EQ(features->shape(), (policies::TextShape{65, 32}));  // of two blocks, and what it expected
  EXPECT_GT(features->Get("put the red bolt in the left bin").num_tokens, 1);
  // A text longer than the window loses its end, and stops nothing.
  std::string words;
  for (int i = 0; i < 200; ++i) words += "put the red bolt in the left bin ";
  EXPECT_EQ(features->Get(words).num_tokens, config.max_tokens);
}

TEST_F(Pretraining, StoppedAndResumedGivesTheSameBytesAndUntilThenAnOlderModelStaysWhole) {
  const PretrainResult whole = Pretrain(Tiny(), folder_ / "whole");
  std::filesystem::create_directories(folder_ / "model");
  std::ofstream(folder_ / "model/tokenizer.model") << "older";
  RequestInterrupt();
  EXPECT_THROW(Pretrain(Tiny(), folder_ / "model"), Error);
  ClearInterrupt();
  EXPECT_EQ(ReadFile(folder_ / "model/tokenizer.model"), "older");
  const PretrainResult resumed = Pretrain(Tiny(), folder_ / "model", true);
  EXPECT_EQ(resumed.weights_hash, whole.weights_hash);
  EXPECT_EQ(resumed.language_loss, whole.language_loss);
  EXPECT_EQ(ReadFile(folder_ / "model/metrics.jsonl"), ReadFile(folder_ / "whole/metrics.jsonl"));
  EXPECT_THROW(Pretrain(Tiny(), folder_ / "model"), Error) << "a run is not trained over";
}

TEST_F(Pretraining, AWidthThatHeadsDoNotDivideIsRefused) {
  PretrainConfig config = Tiny();
  config.width = 40;
  EXPECT_THROW(Pretrain(config, folder_), Error);
}

// What train bc says and hears must fit the padding of the default features; a longer text would stop a run.
TEST(DefaultBackbone, SentencesOfEveryKindFitItsFeatures) {
  const policies::Tokenizer tokenizer(policies::DefaultBackbone() / "tokenizer.model");
  std::size_t longest = 0;
  for (std::uint64_t draw = 0; draw < 4000; ++draw) {
    Rng rng(21, draw, "length");
    const envs::Order order = envs::Corpus(draw, 1).front().order;
    const envs::Language language = draw % 2 == 0 ? envs::Language::kEnglish : envs::Language::kJapanese;
    for (const envs::Split split : {envs::Split::kTrain, envs::Split::kTemplates, envs::Split::kTaught}) {
      longest = std::max(longest, tokenizer.Encode(envs::Say(order, language, split, rng).text).size());
    }
    longest =
        std::max(longest, tokenizer.Encode(envs::SayLoosely(order, language, envs::Split::kTrain, rng).text).size());
  }
  EXPECT_LE(longest, static_cast<std::size_t>(policies::FeatureConfig{}.max_tokens));
}

}  // namespace
}  // namespace genba::trainer

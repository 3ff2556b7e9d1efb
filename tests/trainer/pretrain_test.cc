#include "trainer/pretrain.h"

#include <gtest/gtest.h>

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

class Pretraining : public ScratchTest {};

TEST_F(Pretraining, TheSameSettingsGiveTheSameBytesAndAnotherSeedOthers) {
  const PretrainResult first = Pretrain(Tiny(), folder_ / "a", "test"),
                       second = Pretrain(Tiny(), folder_ / "b", "test");
  EXPECT_EQ(first.weights_hash, second.weights_hash);
  EXPECT_EQ(first.corpus_hash, second.corpus_hash);
  for (const char* file : {"model.safetensors", "tokenizer.model", "config.json"}) {
    EXPECT_EQ(ReadFile(folder_ / "a" / file, 64 << 20), ReadFile(folder_ / "b" / file, 64 << 20)) << file;
  }
  PretrainConfig other = Tiny();
  other.seed = 2;
  EXPECT_NE(Pretrain(other, folder_ / "c", "test").weights_hash, first.weights_hash);
}

TEST_F(Pretraining, WhatItMakesIsABackbone) {
  Pretrain(Tiny(), folder_, "test");
  policies::FeatureConfig config;
  config.backbone = folder_.string();
  const auto features = policies::MakeFeatureSource(config);
  EXPECT_EQ(features->dim(), 32);
  EXPECT_GT(features->Get("put the red bolt in the left bin").num_tokens, 1);
}

TEST_F(Pretraining, AnInterruptLeavesAnOlderModelWhole) {
  const std::string before = Pretrain(Tiny(), folder_, "test").weights_hash;
  const std::string tokenizer = ReadFile(folder_ / "tokenizer.model");
  PretrainConfig other = Tiny();
  other.seed = 2;
  RequestInterrupt();
  EXPECT_THROW(Pretrain(other, folder_, "test"), Error);
  ClearInterrupt();
  EXPECT_EQ(ReadFile(folder_ / "tokenizer.model"), tokenizer);
  EXPECT_EQ(Sha256File(folder_ / "model.safetensors"), before);
}

TEST_F(Pretraining, AWidthThatHeadsDoNotDivideIsRefused) {
  PretrainConfig config = Tiny();
  config.width = 40;
  EXPECT_THROW(Pretrain(config, folder_, "test"), Error);
}

// What train bc says and hears must fit the padding of the default features; a longer text would stop a run.
TEST(DefaultBackbone, SentencesOfEveryKindFitItsFeatures) {
  const policies::Tokenizer tokenizer(policies::DefaultBackbone() / "tokenizer.model");
  std::size_t longest = 0;
  for (std::uint64_t draw = 0; draw < 4000; ++draw) {
    Rng rng(21, draw, "length");
    const envs::Order order = envs::Corpus(draw, 1).front().order;
    const envs::Language language = draw % 2 == 0 ? envs::Language::kEnglish : envs::Language::kJapanese;
    for (const envs::Split split : {envs::Split::kTrain, envs::Split::kTemplates, envs::Split::kWords}) {
      longest = std::max(longest, tokenizer.Encode(envs::Say(order, language, split, rng).text).size());
    }
    longest =
        std::max(longest, tokenizer.Encode(envs::SayLoosely(order, language, envs::Split::kTrain, rng).text).size());
  }
  EXPECT_LE(longest, static_cast<std::size_t>(policies::FeatureConfig{}.max_tokens));
}

}  // namespace
}  // namespace genba::trainer

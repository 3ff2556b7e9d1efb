// Laws of tokenizer, decoder and cached features, on a model of toy size made in a scratch folder.
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "policies/decoder.h"
#include "policies/features.h"
#include "policies/tokenizer.h"
#include "tests/policies/toy_model.h"

namespace genba::policies {
namespace {

at::Tensor Tokens(const std::vector<std::vector<int>>& rows) {
  at::Tensor out =
      at::empty({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows[0].size())}, at::kLong);
  std::int64_t* to = out.mutable_data_ptr<std::int64_t>();
  for (const auto& row : rows) to = std::copy(row.begin(), row.end(), to);
  return out;
}
at::Tensor Lengths(const std::vector<int>& lengths) { return Tokens({lengths}).view({-1}); }

using Row = std::vector<double>;

// The same mathematics in plain loops (H. Touvron et al., "LLaMA", 2023; J. Su et al., "RoFormer", 2021).
class Reference {
 public:
  Reference(const DecoderConfig& config, const Decoder& decoder, const Weights& weights)
      : c_(config), decoder_(decoder), w_(weights) {}

  std::vector<Row> Hidden(const std::vector<int>& tokens, int layers) const {
    std::vector<Row> x;
    for (const int token : tokens) {
      Row row;
      for (int i = 0; i < c_.hidden_size; ++i) row.push_back(W("model.embed_tokens.weight", token, i));
      x.push_back(row);
    }
    for (int layer = 0; layer < layers; ++layer) Block("model.layers." + std::to_string(layer) + ".", x);
    return x;
  }

 private:
  double W(const std::string& name, int r, int c = -1) const {
    const auto& all = decoder_.layout().parameters();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].name != name) continue;
      return static_cast<double>((c < 0 ? w_[i][r] : w_[i][r][c]).item<float>());
    }
    ADD_FAILURE() << name;
    return 0;
  }
  Row Linear(const std::string& name, const Row& x, int outputs) const {
    Row y(static_cast<std::size_t>(outputs), 0);
    for (int o = 0; o < outputs; ++o) {
      for (std::size_t i = 0; i < x.size(); ++i)
        y[static_cast<std::size_t>(o)] += W(name, o, static_cast<int>(i)) * x[i];
    }
    return y;
  }
  Row Norm(const std::string& name, const Row& x) const {
    double square = 0;
    for (const double v : x) square += v * v / static_cast<double>(x.size());
    Row y;
    for (std::size_t i = 0; i < x.size(); ++i)
      y.push_back(x[i] / std::sqrt(square + c_.rms_norm_eps) * W(name, static_cast<int>(i)));
    return y;
  }
  void Rotate(Row& heads, int position) const {
    const int half = c_.head_dim / 2;
    for (std::size_t start = 0; start < heads.size(); start += static_cast<std::size_t>(c_.head_dim)) {
      for (int i = 0; i < half; ++i) {
        const double angle = position * std::pow(c_.rope_theta, -2.0 * i / c_.head_dim);
        double &a = heads[start + static_cast<std::size_t>(i)], &b = heads[start + static_cast<std::size_t>(i + half)];
        const double a0 = a;
        a = a0 * std::cos(angle) - b * std::sin(angle);
        b = b * std::cos(angle) + a0 * std::sin(angle);
      }
    }
  }
  void Block(const std::string& name, std::vector<Row>& x) const {
    const int q_dim = c_.num_attention_heads * c_.head_dim, kv_dim = c_.num_key_value_heads * c_.head_dim,
              group = c_.num_attention_heads / c_.num_key_value_heads;
    std::vector<Row> q, k, v;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const Row n = Norm(name + "input_layernorm.weight", x[t]);
      q.push_back(Linear(name + "self_attn.q_proj.weight", n, q_dim));
      k.push_back(Linear(name + "self_attn.k_proj.weight", n, kv_dim));
      v.push_back(Linear(name + "self_attn.v_proj.weight", n, kv_dim));
      Rotate(q.back(), static_cast<int>(t));
      Rotate(k.back(), static_cast<int>(t));
    }
    for (std::size_t t = 0; t < x.size(); ++t) {
      Row mixed(static_cast<std::size_t>(q_dim), 0);
      for (int h = 0; h < c_.num_attention_heads; ++h) {
        Row score;
        double sum = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          double dot = 0;
          for (int i = 0; i < c_.head_dim; ++i)
            dot += q[t][static_cast<std::size_t>(h * c_.head_dim + i)] *
                   k[s][static_cast<std::size_t>(h / group * c_.head_dim + i)];
          score.push_back(std::exp(dot / std::sqrt(c_.head_dim)));
          sum += score.back();
        }
        for (std::size_t s = 0; s <= t; ++s) {
          for (int i = 0; i < c_.head_dim; ++i)
            mixed[static_cast<std::size_t>(h * c_.head_dim + i)] +=
                score[s] / sum * v[s][static_cast<std::size_t>(h / group * c_.head_dim + i)];
        }
      }
      const Row out = Linear(name + "self_attn.o_proj.weight", mixed, c_.hidden_size);
      for (std::size_t i = 0; i < out.size(); ++i) x[t][i] += out[i];
    }
    for (Row& row : x) {
      const Row n = Norm(name + "post_attention_layernorm.weight", row);
      Row gate = Linear(name + "mlp.gate_proj.weight", n, c_.intermediate_size);
      const Row up = Linear(name + "mlp.up_proj.weight", n, c_.intermediate_size);
      for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
      const Row out = Linear(name + "mlp.down_proj.weight", gate, c_.hidden_size);
      for (std::size_t i = 0; i < out.size(); ++i) row[i] += out[i];
    }
  }

  const DecoderConfig& c_;
  const Decoder& decoder_;
  const Weights& w_;
};

TEST_F(ToyModel, DecoderEqualsThePlainLoops) {
  const std::vector<int> tokens{1, 7, 30, 200, 7, 5, 311};
  for (const int layers : {0, 1, 3}) {
    const at::Tensor hidden =
        decoder_.HiddenAt(weights_, Tokens({tokens}), Lengths({7}), std::array{std::min(layers, 2), 2}).front();
    const auto expected = Reference(decoder_.config(), decoder_, weights_).Hidden(tokens, std::min(layers, 2));
    for (int t = 0; t < 7; ++t) {
      for (int i = 0; i < 16; ++i)
        EXPECT_NEAR(hidden[0][t][i].item<float>(), expected[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)],
                    2e-5);
    }
  }
}

TEST_F(ToyModel, PaddingChangesNothingAndTheFutureIsUnseen) {
  const at::Tensor alone = decoder_.Hidden(weights_, Tokens({{1, 5, 9, 40}}), Lengths({4}), 2);
  const at::Tensor padded =
      decoder_.Hidden(weights_, Tokens({{1, 5, 9, 40, 0, 0}, {1, 2, 3, 4, 5, 6}}), Lengths({4, 6}), 2);
  EXPECT_LT((padded[0].narrow(0, 0, 4) - alone[0]).abs().max().item<float>(), 1e-6f);
  const at::Tensor other_end = decoder_.Hidden(weights_, Tokens({{1, 5, 9, 77}}), Lengths({4}), 2);
  EXPECT_TRUE(other_end[0].narrow(0, 0, 3).equal(alone[0].narrow(0, 0, 3)));
  EXPECT_FALSE(other_end[0][3].equal(alone[0][3]));
}

TEST_F(ToyModel, TokenizerKnowsBothLanguagesAndRefusesOtherBytes) {
  const Tokenizer tokenizer(folder_ / "tokenizer.model");
  for (const char* text : {"put the red bolt", "赤いボルト", "ＡＢＣ", "unseen: żółć 漢"}) {
    const auto tokens = tokenizer.Encode(text);
    EXPECT_EQ(tokens.front(), tokenizer.bos());
    EXPECT_GT(tokens.size(), 1u);
  }
  EXPECT_EQ(tokenizer.Encode("１２"), tokenizer.Encode("12"));  // NFKC is in the model file
  EXPECT_EQ(tokenizer.Encode("").size(), 1u);
  EXPECT_THROW(tokenizer.Encode("\xff\xfe"), Error);
  EXPECT_THROW(tokenizer.Encode(std::string(5000, 'a')), Error);
  std::ofstream(folder_ / "broken.model") << "nonsense";
  EXPECT_THROW(Tokenizer(folder_ / "broken.model"), Error);
}

TEST_F(ToyModel, NoTextRunsTwiceWithACacheOnDisk) {
  const std::string cache = (folder_ / "cache").string();
  const auto first = MakeFeatureSource(Config(cache));
  const Features red = first->Get("red bolt");
  first->Get("red bolt");
  first->Get("");
  EXPECT_EQ(first->num_model_runs(), 2);
  const auto second = MakeFeatureSource(Config(cache));
  EXPECT_EQ(second->Get("red bolt").values, red.values);
  EXPECT_EQ(second->num_model_runs(), 0);
  const auto without = MakeFeatureSource(Config());  // the control: no cache, one more run
  EXPECT_EQ(without->Get("red bolt").values, red.values);
  EXPECT_EQ(without->num_model_runs(), 1);
  // Another layer is another model: nothing is shared.
  FeatureConfig other = Config(cache);
  other.layer = 1;
  const auto shallow = MakeFeatureSource(other);
  shallow->Get("red bolt");
  EXPECT_EQ(shallow->num_model_runs(), 1);
  EXPECT_NE(shallow->hash(), second->hash());
}

// The logit that the head gives each token one place before, and nothing for the first; a text of one token has no other.
TEST_F(ToyModel, AnExpectationIsTheLogitThatATokenGot) {
  const at::Tensor tokens = Tokens({{1, 5, 9, 40}});
  const at::Tensor hidden = decoder_.Hidden(weights_, tokens, Lengths({4}), 3);
  const at::Tensor expectation = decoder_.Expectation(weights_, tokens, hidden),
                   logits = decoder_.Logits(weights_, hidden);
  EXPECT_EQ(expectation[0][0][0].item<float>(), 0);
  for (int t = 1; t < 4; ++t)
    EXPECT_NEAR(expectation[0][t][0].item<float>(), logits[0][t - 1][tokens[0][t].item<int>()].item<float>(), 1e-5);
  EXPECT_EQ(decoder_.Expectation(weights_, Tokens({{1}}), hidden.narrow(1, 0, 1)).numel(), 1);
}

// A token's features: its states after each of the layers; those that are the same stand once. What a word is ends with
// the middle one. Behind all stands how much a model that was run to its end expected the token.
TEST_F(ToyModel, FeaturesAreTheStatesOfTheLayersSideBySide) {
  const auto source = [&](int low, int layer, int high) {
    FeatureConfig config = Config();
    config.low_layer = low;
    config.layer = layer;
    config.high_layer = high;
    return MakeFeatureSource(config);
  };
  const auto features = [&](int low, int layer, int high) { return source(low, layer, high)->Get("red bolt"); };
  const Features all = features(1, 2, 3);
  ASSERT_EQ(all.dim, 49);
  for (int layer = 1; layer <= 3; ++layer) {
    const Features one = features(layer, layer, layer);
    ASSERT_EQ(one.dim, layer == 3 ? 17 : 16);
    for (int token = 0; token < all.num_tokens; ++token) {
      const auto expected = one.values.begin() + token * one.dim;
      EXPECT_TRUE(std::equal(expected, expected + one.dim, all.values.begin() + token * 49 + (layer - 1) * 16));
    }
  }
  EXPECT_EQ(source(1, 2, 3)->shape(), (TextShape{49, 32}));
  EXPECT_EQ(source(1, 1, 3)->shape(), (TextShape{33, 16}));
  EXPECT_EQ(source(1, 3, 3)->shape(), (TextShape{33, 32}));
  EXPECT_EQ(features(-1, -1, -1).values, all.values);  // of three blocks
  EXPECT_THROW(features(3, 2, 3), Error);
  EXPECT_THROW(features(1, 3, 2), Error);
  EXPECT_THROW(features(1, 2, 4), Error);
}

TEST_F(ToyModel, ADamagedCacheEntryIsComputedAgain) {
  const std::string cache = (folder_ / "cache").string();
  const Features good = MakeFeatureSource(Config(cache))->Get("red bolt");
  for (const auto& entry : fs::directory_iterator(cache)) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.put('\x55');
  }
  const auto source = MakeFeatureSource(Config(cache));
  EXPECT_EQ(source->Get("red bolt").values, good.values);
  EXPECT_EQ(source->num_model_runs(), 1);
}

TEST_F(ToyModel, WhatDoesNotFitIsNamed) {
  auto refusal = [](auto call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto config = folder_ / "config.json";
  const std::string good = ReadFile(config);
  const std::vector<std::pair<std::string, std::string>> edits{
      {"\"model_type\": \"llama\"", "\"model_type\": \"gemma3\""},
      {"\"hidden_size\": 16", "\"hidden_size\": -1"},
      {"\"attention_bias\": false", "\"attention_bias\": true"},
      {"\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3"}};
  for (const auto& [from, to] : edits) {
    std::string edited = good;
    const std::size_t at = edited.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    WriteFileAtomically(config, edited.replace(at, from.size(), to));
    EXPECT_NE(refusal([&] { ReadDecoderConfig(config); }), "") << to;
  }
  std::string narrower = good;
  WriteFileAtomically(config,
                      narrower.replace(narrower.find("\"intermediate_size\": 24"), 23, "\"intermediate_size\": 20"));
  const std::string mismatch = refusal([&] { MakeFeatureSource(Config()); });
  EXPECT_NE(mismatch.find("mlp"), std::string::npos) << mismatch;
  FeatureConfig nowhere = Config();
  nowhere.backbone = "/nonexistent";
  EXPECT_NE(refusal([&] { MakeFeatureSource(nowhere); }).find("/nonexistent"), std::string::npos);
}

TEST(BagOfWords, KnowsWordsAndNothingElse) {
  FeatureConfig config;
  config.backbone = "bag_of_words";
  const auto source = MakeFeatureSource(config);
  const Features& a = source->Get("put the red bolt");
  EXPECT_EQ(a.num_tokens, 5);
  EXPECT_EQ(source->Get("put the RED bolt.").values, a.values);
  EXPECT_NE(source->Get("put the scarlet bolt").values, a.values);
  EXPECT_EQ(source->Get("赤い箱").num_tokens, 3);  // <s> and two pairs of characters
  EXPECT_EQ(source->Get("").num_tokens, 1);
}

}  // namespace
}  // namespace genba::policies

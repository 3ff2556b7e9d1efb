// Laws of a backbone's files: known by the content that is read, however it is cut up; only what is asked for is
// needed; what asks for other mathematics, or would crash a library, is refused by name; a text too long costs itself.
#include <nlohmann/json.hpp>

#include "core/rng.h"
#include "policies/policy_config.h"
#include "policies/sentencepiece_check.h"
#include "tests/policies/toy_model.h"

namespace genba::policies {
namespace {

using nlohmann::json;

class Backbone : public ToyModel {
 protected:
  Backbone() : tensors_(ReadSafetensors(folder_ / "model.safetensors")) {}

  std::string Hash(int layer = 1) const {
    FeatureConfig config = Config();
    config.layer = config.high_layer = layer;
    return MakeFeatureSource(config)->hash();
  }
  void Write(const TensorFile& file) const { WriteSafetensors(folder_ / "model.safetensors", file); }
  void Set(const std::string& key, const json& value) const {
    json config = json::parse(ReadFile(folder_ / "config.json"));
    config[key] = value;
    WriteFileAtomically(folder_ / "config.json", config.dump());
  }
  std::string ConfigRefusal(const std::string& key, const json& value) const {
    const std::string before = ReadFile(folder_ / "config.json");
    Set(key, value);
    const std::string refusal = RefusalOf([&] { ReadDecoderConfig(folder_ / "config.json"); });
    WriteFileAtomically(folder_ / "config.json", before);
    return refusal;
  }

  TensorFile tensors_;
};

TEST_F(Backbone, IdentityIsWhatIsReadAndNotHowItLies) {
  const std::string shallow = Hash(1), whole = Hash(3);
  EXPECT_NE(shallow, whole);
  TensorFile file = tensors_;
  file.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = {TensorType::kF32, {2}, std::string(8, '\x11')};
  Write(file);
  EXPECT_EQ(Hash(1), shallow);
  // A change behind the layer that is read is not seen, one before it is.
  file.tensors["model.layers.2.mlp.up_proj.weight"].bytes[5] ^= 1;
  Write(file);
  EXPECT_EQ(Hash(1), shallow);
  EXPECT_NE(Hash(3), whole);
  file.tensors["model.layers.0.mlp.up_proj.weight"].bytes[5] ^= 1;
  Write(file);
  EXPECT_NE(Hash(1), shallow);
}

TEST_F(Backbone, ShardsAreTheSameModel) {
  const std::string one_file = Hash(2);
  fs::remove(folder_ / "model.safetensors");
  TensorFile shards[2];
  json index{{"metadata", {{"total_size", 1}}}, {"weight_map", json::object()}};
  int count = 0;
  for (const auto& [name, tensor] : tensors_.tensors) {
    const int shard = ++count % 2;
    shards[shard].tensors[name] = tensor;
    index["weight_map"][name] = "part-" + std::to_string(shard) + ".safetensors";
  }
  const auto write = [&] {
    for (int i = 0; i < 2; ++i) WriteSafetensors(folder_ / ("part-" + std::to_string(i) + ".safetensors"), shards[i]);
    WriteFileAtomically(folder_ / "model.safetensors.index.json", index.dump());
  };
  write();
  EXPECT_EQ(Hash(2), one_file);
  const json good = index;
  index["weight_map"]["model.norm.weight"] = "../elsewhere.safetensors";
  write();
  EXPECT_NE(RefusalOf([&] { Hash(2); }).find("model.norm.weight"), std::string::npos);
  index = good;
  shards[0].tensors["model.norm.weight"] = shards[1].tensors["model.norm.weight"] =
      tensors_.tensors["model.norm.weight"];
  write();
  EXPECT_NE(RefusalOf([&] { Hash(2); }).find("model.norm.weight: expected each tensor once"), std::string::npos);
}

TEST_F(Backbone, OnlyTheLayersThatAreAskedForAreNeeded) {
  std::erase_if(tensors_.tensors, [](const auto& item) { return item.first.starts_with("model.layers.2."); });
  Write(tensors_);
  EXPECT_EQ(RefusalOf([&] { Hash(2); }), "");
  EXPECT_NE(RefusalOf([&] { Hash(3); }).find("model.layers.2."), std::string::npos);
}

TEST_F(Backbone, ATensorNoLlamaHasIsRefused) {
  tensors_.tensors["model.layers.0.self_attn.q_proj.bias"] = {TensorType::kF32, {2}, std::string(8, '\0')};
  Write(tensors_);
  EXPECT_NE(RefusalOf([&] { Hash(); }).find("q_proj.bias"), std::string::npos);
}

// 65536 columns would be terabytes: the file is looked at before memory is asked for.
TEST_F(Backbone, SizesAreHeldAgainstTheFileFirst) {
  for (const auto& [key, value] :
       {std::pair("hidden_size", 65536), {"intermediate_size", 262144}, {"vocab_size", 1 << 20}}) {
    const std::string before = ReadFile(folder_ / "config.json");
    Set(key, value);
    EXPECT_NE(RefusalOf([&] { Hash(); }).find("shape"), std::string::npos) << key;
    WriteFileAtomically(folder_ / "config.json", before);
  }
  EXPECT_NE(ConfigRefusal("hidden_size", (std::int64_t{1} << 32) + 16), "");
  EXPECT_NE(ConfigRefusal("hidden_size", 16.5), "");
}

TEST_F(Backbone, BothSpellingsOfRotaryPositionsAreHeard) {
  const json plain{{"rope_type", "default"}, {"rope_theta", 10000.0}};
  EXPECT_EQ(ConfigRefusal("rope_parameters", plain), "");
  EXPECT_EQ(ConfigRefusal("rope_scaling", json{{"type", "default"}}), "");
  EXPECT_EQ(ConfigRefusal("rope_scaling", nullptr), "");
  const std::vector<std::pair<const char*, json>> refused{
      {"rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}}},
      {"rope_scaling", {{"rope_type", "default"}, {"type", "linear"}}},
      {"rope_scaling", {{"type", "linear"}, {"factor", 2.0}}},
      {"rope_scaling", {{"rope_type", "default"}, {"rope_theta", 500000.0}}},  // not what is said at the top
      {"rope_parameters", {{"rope_type", "default"}, {"rope_theta", 500000.0}}},
      {"rope_parameters", {{"rope_type", "default"}, {"partial_rotary_factor", 0.5}}},
      {"rope_parameters", {{"full_attention", plain}}},
      {"rope_parameters", 7}};
  for (const auto& [key, value] : refused)
    EXPECT_NE(ConfigRefusal(key, value).find("rope"), std::string::npos) << value.dump();
  Set("rope_parameters", plain);  // both at once, disagreeing
  EXPECT_NE(ConfigRefusal("rope_scaling", json{{"rope_type", "llama3"}, {"factor", 8.0}}), "");
  Set("rope_theta", nullptr);
  Set("rope_parameters", json{{"rope_type", "default"}, {"rope_theta", 777.0}});
  EXPECT_EQ(ReadDecoderConfig(folder_ / "config.json").rope_theta, 777.0);
}

TEST_F(Backbone, EveryKeyIsKnownOrRefused) {
  for (const auto& [key, value] : std::vector<std::pair<const char*, json>>{{"sliding_window", 4096},
                                                                            {"attn_logit_softcapping", 50.0},
                                                                            {"final_logit_softcapping", 30.0},
                                                                            {"embedding_multiplier", 12.0},
                                                                            {"residual_multiplier", 0.22},
                                                                            {"attention_multiplier", 0.0078},
                                                                            {"quantization_config", {{"bits", 4}}},
                                                                            {"hidden_act", "gelu"},
                                                                            {"mlp_bias", true},
                                                                            {"a_key_of_tomorrow", 1}}) {
    EXPECT_NE(ConfigRefusal(key, value).find(key), std::string::npos) << key;
    EXPECT_EQ(ConfigRefusal(key, nullptr), "") << key;  // "not used", as published files say it
  }
  for (const char* key : {"torch_dtype", "transformers_version", "initializer_range", "use_cache"})
    EXPECT_EQ(ConfigRefusal(key, "anything"), "") << key;
  WriteFileAtomically(folder_ / "config.json", std::string(100000, '[') + std::string(100000, ']'));
  EXPECT_NE(RefusalOf([&] { ReadDecoderConfig(folder_ / "config.json"); }), "");
}

TEST_F(Backbone, ATextTooLongIsCutToTheWindow) {
  FeatureConfig config = Config((folder_ / "cache").string());
  config.max_tokens = 12;
  const auto source = MakeFeatureSource(config);
  std::string words;
  for (int i = 0; i < 400; ++i) words += "赤いボルトを";  // also more bytes than the tokenizer takes
  const Features cut = source->Get(words);
  EXPECT_EQ(cut.num_tokens, 12);
  // A larger window over the same cache does not find what was cut for the smaller one.
  config.max_tokens = 20;
  EXPECT_EQ(MakeFeatureSource(config)->Get(words).num_tokens, 20);
  EXPECT_EQ(source->Get("red bolt").num_tokens, MakeFeatureSource(config)->Get("red bolt").num_tokens);  // the control
}

TEST_F(Backbone, WhatStandsAroundATextIsThePublishersChoice) {
  const Tokenizer plain(folder_ / "tokenizer.model");
  WriteFileAtomically(folder_ / "tokenizer_config.json", R"({"add_bos_token": false, "chat_template": "…"})");
  const Tokenizer bare(folder_ / "tokenizer.model");
  std::vector<int> expected = plain.Encode("red bolt");
  EXPECT_EQ(expected.front(), plain.bos());
  expected.erase(expected.begin());
  EXPECT_EQ(bare.Encode("red bolt"), expected);
  EXPECT_EQ(bare.Encode(""), std::vector<int>{bare.bos()});  // a text has a token
  EXPECT_NE(bare.hash(), plain.hash());
  WriteFileAtomically(folder_ / "tokenizer_config.json", R"({"add_eos_token": true})");
  EXPECT_EQ(Tokenizer(folder_ / "tokenizer.model").Encode("red bolt").back(), plain.eos());
  WriteFileAtomically(folder_ / "tokenizer_config.json", R"({"add_bos_token": "no"})");
  EXPECT_NE(RefusalOf([&] { Tokenizer(folder_ / "tokenizer.model"); }).find("add_bos_token"), std::string::npos);
}

TEST_F(Backbone, ADamagedTokenizerIsRefusedOrHarmless) {
  const std::string good = ReadFile(folder_ / "tokenizer.model");
  EXPECT_EQ(RefusalOf([&] { CheckSentencePieceModel(good, "x"); }), "");
  Rng rng(1, 0, "damage");
  int refused = 0;
  constexpr int kTrials = 800;
  for (int i = 0; i < kTrials; ++i) {
    std::string bytes = good;
    const int changes = rng.Int(1, 8);
    for (int k = 0; k < changes; ++k)
      bytes[static_cast<std::size_t>(rng.Int(0, static_cast<int>(bytes.size()) - 1))] =
          static_cast<char>(rng.Int(0, 255));
    if (i % 10 == 0) bytes.resize(static_cast<std::size_t>(rng.Int(0, static_cast<int>(bytes.size()))));
    try {
      const Tokenizer tokenizer(bytes, "damaged");
      for (const char* text : {"put the red bolt", "赤いボルト", "ＡＢＣ㎜１２", "ｱｶｲ ﷺ"}) tokenizer.Encode(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      ++refused;
    }
  }
  EXPECT_GT(refused, kTrials / 10);
}

// The table SentencePiece would walk out of: every unit of the normaliser's double array led somewhere else.
TEST_F(Backbone, ANormaliserThatLeadsOutsideIsRefused) {
  std::string bytes = ReadFile(folder_ / "tokenizer.model");
  const std::size_t name = bytes.find("nmt_nfkc");
  ASSERT_NE(name, std::string::npos);
  const std::size_t blob = name + 8 + 1 + 3 + 4;  // tag, length of three bytes, size of the array
  bytes[blob + 3] = '\x3f';                       // the root's offset, far outside
  EXPECT_NE(RefusalOf([&] { Tokenizer(bytes, "x"); }).find("normalizer_spec"), std::string::npos);
}

TEST_F(Backbone, APolicyFileHoldsItsNameAndARunFindsIt) {
  PolicyConfig policy;
  policy.features = Config("/some/cache");
  const std::string name = folder_.filename().string();
  const json kept = ToJson(policy);
  EXPECT_EQ(kept["backbone"], name);
  EXPECT_EQ(kept.dump().find('/'), std::string::npos);
  EXPECT_EQ(PolicyConfigFromJson(kept, "x").features.cache, "");
  EXPECT_EQ(PolicyConfigFromJson(kept, "x").residual_width, 0);  // of before there were corrections
  policy.residual_width = 32;
  json correcting = ToJson(policy);
  EXPECT_EQ(PolicyConfigFromJson(correcting, "x").residual_width, 32);
  correcting.erase("residual_scale");
  EXPECT_NE(RefusalOf([&] { PolicyConfigFromJson(correcting, "x"); }).find("residual_scale"), std::string::npos);
  json hostile = kept;
  hostile["backbone"] = "/etc";
  EXPECT_NE(RefusalOf([&] { PolicyConfigFromJson(hostile, "x"); }), "");
  hostile = kept;
  hostile["cache"] = "/tmp/made-by-a-file";
  EXPECT_NE(RefusalOf([&] { PolicyConfigFromJson(hostile, "x"); }), "");

  const std::string hash = MakeFeatureSource(Config())->hash();
  const FeatureConfig wanted = PolicyConfigFromJson(kept, "x").features;
  const fs::path run = folder_ / "run";
  fs::create_directories(run);
  EXPECT_NE(RefusalOf([&] { FindFeatureSource(wanted, hash, run, {}); }).find("--backbone"), std::string::npos);
  NoteBackbone(run, Config(), hash);
  EXPECT_EQ(FindFeatureSource(wanted, hash, run, {})->hash(), hash);
  EXPECT_EQ(FindFeatureSource(wanted, hash, {}, {folder_.string(), ""})->hash(), hash);
  // Other content at the same place is not what was trained with.
  EXPECT_NE(RefusalOf([&] { FindFeatureSource(wanted, std::string(64, '0'), run, {}); }).find(name), std::string::npos);
  EXPECT_NE(RefusalOf([&] { FindFeatureSource(wanted, hash, run, {"bag_of_words", ""}); }), "");
  WriteFileAtomically(run / "backbone.json", R"({"path": "/dev", "path_from_run": 7})");  // a note that lies
  EXPECT_NE(RefusalOf([&] { FindFeatureSource(wanted, hash, run, {}); }), "");
}

}  // namespace
}  // namespace genba::policies

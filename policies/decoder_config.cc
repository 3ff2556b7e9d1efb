#include "policies/decoder_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"

namespace genba::policies {
namespace {

using nlohmann::json;

constexpr JsonLimits kLimits{.bytes = std::size_t{1} << 20};

// Changes nothing that is computed here: how the file came about, how training and generation went.
const std::set<std::string_view> kHarmless = {"_attn_implementation",
                                              "_attn_implementation_autoset",
                                              "_attn_implementation_internal",
                                              "_commit_hash",
                                              "_flash_attn_2_enabled",
                                              "_name_or_path",
                                              "architectures",
                                              "attention_dropout",
                                              "auto_map",
                                              "begin_suppress_tokens",
                                              "bos_token_id",
                                              "chunk_size_feed_forward",
                                              "decoder_start_token_id",
                                              "diversity_penalty",
                                              "do_sample",
                                              "dtype",
                                              "early_stopping",
                                              "embd_pdrop",
                                              "encoder_no_repeat_ngram_size",
                                              "eos_token_id",
                                              "exponential_decay_length_penalty",
                                              "finetuning_task",
                                              "forced_bos_token_id",
                                              "forced_eos_token_id",
                                              "hidden_dropout",
                                              "id2label",
                                              "initializer_range",
                                              "is_decoder",
                                              "label2id",
                                              "length_penalty",
                                              "max_length",
                                              "max_sequence_length",
                                              "min_length",
                                              "no_repeat_ngram_size",
                                              "num_beam_groups",
                                              "num_beams",
                                              "num_return_sequences",
                                              "output_attentions",
                                              "output_hidden_states",
                                              "output_scores",
                                              "pad_token_id",
                                              "prefix",
                                              "problem_type",
                                              "remove_invalid_values",
                                              "repetition_penalty",
                                              "resid_pdrop",
                                              "return_dict",
                                              "return_dict_in_generate",
                                              "sep_token_id",
                                              "suppress_tokens",
                                              "task_specific_params",
                                              "temperature",
                                              "tokenizer_class",
                                              "top_k",
                                              "top_p",
                                              "torch_dtype",
                                              "torchscript",
                                              "transformers_version",
                                              "typical_p",
                                              "unk_token_id",
                                              "use_bfloat16",
                                              "use_cache",
                                              "bad_words_ids",
                                              "hidden_dropout_prob",
                                              "unsloth_version",
                                              "unsloth_fixed",
                                              "mlp_dropout",
                                              "tf_legacy_loss"};

// Keys that say what this decoder does when they have this value, and something else otherwise. null is the same as
// no key: published files write it for "not used".
struct Neutral {
  std::string_view key;
  const char* value;  // JSON
};
constexpr Neutral kNeutral[] = {
    {"model_type", R"("llama")"}, {"hidden_act", R"("silu")"},   {"attention_bias", "false"},
    {"mlp_bias", "false"},        {"pretraining_tp", "1"},       {"partial_rotary_factor", "1"},
    {"residual_multiplier", "1"}, {"embedding_multiplier", "1"}, {"logits_scaling", "1"},
    {"logit_scale", "1"},         {"rope_interleaved", "false"}, {"rope_interleave", "false"}};

const std::set<std::string_view> kRead = {
    "vocab_size",          "hidden_size",  "intermediate_size", "num_hidden_layers",       "num_attention_heads",
    "num_key_value_heads", "head_dim",     "rms_norm_eps",      "max_position_embeddings", "tie_word_embeddings",
    "rope_theta",          "rope_scaling", "rope_parameters"};

// What an unknown key may hold: nothing.
bool SaysNothing(const json& value) {
  return value.is_null() || value == false || ((value.is_structured() || value.is_string()) && value.empty());
}

void CheckKeysOf(const json& object, const std::string& file) {
  for (const auto& [key, value] : object.items()) {
    if (kHarmless.contains(key) || kRead.contains(key)) continue;
    const auto* neutral =
        std::find_if(std::begin(kNeutral), std::end(kNeutral), [&name = key](const auto& n) { return n.key == name; });
    if (neutral == std::end(kNeutral)) {
      if (!SaysNothing(value))
        throw BadInput(
            {file, key, "no such key (it may change the computation, and is not implemented)", Shown(value)});
    } else if (!value.is_null() && value != ParseJson(neutral->value, file)) {
      throw BadInput({file, key, std::string(neutral->value) + " (nothing else is implemented)", Shown(value)});
    }
  }
}

bool Has(const json& object, const char* key) { return object.contains(key) && !object[key].is_null(); }

int IntOr(const json& object, const char* key, const std::string& file, int fallback, int low, int high) {
  return Has(object, key) ? static_cast<int>(JsonInt(object, key, file, low, high)) : fallback;
}
double NumberOr(const json& object, const char* key, const std::string& file, double fallback, double low,
                double high) {
  return Has(object, key) ? JsonNumber(object, key, file, low, high) : fallback;
}

// One way of saying it ("rope_parameters" since transformers 5, "rope_scaling" before; "rope_type", once "type").
void CheckPlainRope(const json& rope, const std::string& place) {
  for (const auto& [key, value] : rope.items()) {
    const bool plain_type = (key == "rope_type" || key == "type") && value == "default";
    const bool whole = key == "partial_rotary_factor" && value == 1;
    if (!plain_type && !whole && key != "rope_theta" && !SaysNothing(value))
      throw BadInput({place, key, "rope_type default and nothing more (scaled rotary positions are not implemented)",
                      Shown(value)});
  }
}

// Theta is said at the top, in rope_parameters and in rope_scaling, once or more often, always the same.
double RopeTheta(const json& object, const std::string& file) {
  std::vector<std::pair<std::string, double>> said;
  const auto hear = [&](const json& where, const std::string& place) {
    if (Has(where, "rope_theta")) said.emplace_back(place, JsonNumber(where, "rope_theta", place, 1, 1e12));
  };
  hear(object, file);
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    if (!Has(object, key)) continue;
    const json& rope = JsonObject(object, key, file);
    const std::string place = file + ": " + key;
    CheckPlainRope(rope, place);
    hear(rope, place);
  }
  for (const auto& [place, theta] : said) {
    if (theta != said.front().second)
      throw BadInput({place, "rope_theta",
                      "the same as " + json(said.front().second).dump() + " of " + said.front().first,
                      json(theta).dump()});
  }
  return said.empty() ? 10000 : said.front().second;
}

}  // namespace

DecoderConfig ReadDecoderConfig(const std::filesystem::path& config_json) {
  const std::string file = config_json.string();
  const json object = ParseJson(ReadFile(config_json, kLimits.bytes), file, kLimits);
  if (!object.is_object()) throw BadInput({file, "", "a JSON object", Shown(object)});
  if (JsonField(object, "model_type", file) != "llama")
    throw BadInput({file, "model_type", "llama", Shown(object["model_type"])});
  CheckKeysOf(object, file);
  const auto whole = [&](const char* key, int low, int high) {
    return static_cast<int>(JsonInt(object, key, file, low, high));
  };
  DecoderConfig config;
  config.vocab_size = whole("vocab_size", 3, 1 << 20);
  config.hidden_size = whole("hidden_size", 2, 1 << 16);
  config.intermediate_size = whole("intermediate_size", 1, 1 << 18);
  config.num_hidden_layers = whole("num_hidden_layers", 1, 1024);
  config.num_attention_heads = whole("num_attention_heads", 1, 1024);
  config.num_key_value_heads = IntOr(object, "num_key_value_heads", file, config.num_attention_heads, 1, 1024);
  if (!Has(object, "head_dim") && config.hidden_size % config.num_attention_heads != 0)
    throw BadInput({file, "num_attention_heads", "a divisor of hidden_size " + std::to_string(config.hidden_size),
                    std::to_string(config.num_attention_heads)});
  config.head_dim = IntOr(object, "head_dim", file, config.hidden_size / config.num_attention_heads, 2, 4096);
  config.rms_norm_eps = NumberOr(object, "rms_norm_eps", file, 1e-6, 0, 1);
  config.rope_theta = RopeTheta(object, file);
  config.max_position_embeddings = IntOr(object, "max_position_embeddings", file, 2048, 1, 1 << 24);
  config.tie_word_embeddings = Has(object, "tie_word_embeddings") && JsonBool(object, "tie_word_embeddings", file);
  if (config.num_attention_heads % config.num_key_value_heads != 0)
    throw BadInput(
        {file, "num_key_value_heads", "a divisor of num_attention_heads", std::to_string(config.num_key_value_heads)});
  if (config.head_dim < 2 || config.head_dim % 2 != 0)
    throw BadInput({file, "head_dim", "an even number", std::to_string(config.head_dim)});
  return config;
}

std::string ToConfigJson(const DecoderConfig& c) {
  return json{{"architectures", {"LlamaForCausalLM"}},
              {"model_type", "llama"},
              {"hidden_act", "silu"},
              {"attention_bias", false},
              {"mlp_bias", false},
              {"vocab_size", c.vocab_size},
              {"hidden_size", c.hidden_size},
              {"intermediate_size", c.intermediate_size},
              {"num_hidden_layers", c.num_hidden_layers},
              {"num_attention_heads", c.num_attention_heads},
              {"num_key_value_heads", c.num_key_value_heads},
              {"head_dim", c.head_dim},
              {"rms_norm_eps", c.rms_norm_eps},
              {"rope_theta", c.rope_theta},
              {"max_position_embeddings", c.max_position_embeddings},
              {"tie_word_embeddings", c.tie_word_embeddings},
              {"bos_token_id", 1},
              {"eos_token_id", 2},
              {"torch_dtype", "float32"}}
             .dump(2) +
         "\n";
}

}  // namespace genba::policies

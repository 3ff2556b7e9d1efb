// decoder_config.h - shape of a Llama-shaped language model, from a published config.json. No torch.
// Every key of the file is known: read, or harmless, or refused by name unless it says what this decoder does anyway.
// So a file that asks for other mathematics (a sliding window, soft-capped logits, scaled rotary positions) never runs
// with ours. Failure: Error(kBadInput) naming file and key.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace genba::policies {

struct DecoderConfig {
  int vocab_size = 0;
  int hidden_size = 0;  // d
  int intermediate_size = 0;
  int num_hidden_layers = 0;  // L
  int num_attention_heads = 0;
  int num_key_value_heads = 0;
  int head_dim = 0;
  double rms_norm_eps = 1e-5;
  double rope_theta = 10000;
  int max_position_embeddings = 0;
  bool tie_word_embeddings = false;
};
DecoderConfig ReadDecoderConfig(const std::filesystem::path& config_json);
std::string ToConfigJson(const DecoderConfig& config);  // as transformers reads it

}  // namespace genba::policies

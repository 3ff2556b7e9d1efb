// config.json of a published backbone.
#include "policies/decoder_config.h"

#include "tests/fuzz/scratch_file.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  policies::DecoderConfig config{.vocab_size = 330,
                                 .hidden_size = 64,
                                 .intermediate_size = 128,
                                 .num_hidden_layers = 2,
                                 .num_attention_heads = 4,
                                 .num_key_value_heads = 2,
                                 .head_dim = 16,
                                 .max_position_embeddings = 64};
  return {policies::ToConfigJson(config)};
}

void Feed(std::string_view input) { (void)policies::ReadDecoderConfig(ScratchFile(input)); }

}  // namespace genba::fuzz

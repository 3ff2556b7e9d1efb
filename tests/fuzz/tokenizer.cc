// tokenizer.model of a backbone: what SentencePiece is handed.
#include "policies/tokenizer.h"

#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> lines;
  for (int i = 0; i < 40; ++i)
    for (const char* text : {"go to the red bolt", "put all nuts into the left bin", "赤いボルトを左の箱に入れて"})
      lines.emplace_back(text);
  return {policies::TrainTokenizer(lines, 330)};
}

void Feed(std::string_view input) {
  const policies::Tokenizer tokenizer(std::string(input), "fuzz");
  (void)tokenizer.Encode("put the 赤い bolt");
}

}  // namespace genba::fuzz

// An --instructions file.
#include "trainer/instructions.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  return {"{\"order\": \"pick(all red bolt -> left bin)\", \"text\": \"赤いボルトを左へ\"}\n\n",
          "{\"frame\": \"pick(one green nut -> right bin)\", \"text\": \"go\", \"lang\": \"en\", \"expect\": "
          "\"act\"}\n{\"text\": \"no\", \"expect\": \"not_understood\"}"};
}

void Feed(std::string_view input) {
  (void)trainer::ReadInstructions(std::string(input), "fuzz.jsonl", envs::Verb::kPick);
}

}  // namespace genba::fuzz

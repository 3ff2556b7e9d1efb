// The inverse of the grammar: what people type.
#include "core/error.h"
#include "envs/language.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> texts;
  for (const char* order :
       {"pick(all red bolt -> left bin)", "reach(one green nut)", "pick(two gear except blue -> middle bin)"}) {
    for (const envs::Language language : {envs::Language::kEnglish, envs::Language::kJapanese})
      for (const envs::Utterance& said : envs::Examples(envs::OrderFromText(order, "seed"), language))
        texts.push_back(said.text);
  }
  return texts;
}

void Feed(std::string_view input) {
  const std::string text(input);
  envs::Understand(text);
  envs::SplitWords(text);
}

}  // namespace genba::fuzz

// An --instructions file.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/fuzz/target.h"
#include "trainer/instructions.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  return {
      "{\"order\": \"pick(all red bolt -> left bin)\", \"text\": \"赤いボルトを左へ\"}\n\n",
      "{\"frame\": \"reach(one green nut)\", \"text\": \"go\"}\n{\"order\": \"reach(one red gear)\", \"text\": \"\"}"};
}

void Feed(std::string_view input) {
  static const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("genba-fuzz-instructions-" + std::to_string(::getpid()));
  if (std::FILE* out = std::fopen(file.c_str(), "wb")) {  // not durably: a million times
    std::fwrite(input.data(), 1, input.size(), out);
    std::fclose(out);
  }
  (void)trainer::ReadInstructions(file, envs::Verb::kPick);
}

}  // namespace genba::fuzz

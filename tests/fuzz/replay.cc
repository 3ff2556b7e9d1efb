// fuzz_replay_<name> [FOLDER]: a target without libFuzzer, for the ordinary tests: every seed must be read without a
// refusal, every file of FOLDER (what once broke the parser) and 3,000 mutations of the seeds must be read or refused.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/error.h"
#include "core/rng.h"
#include "tests/fuzz/target.h"

namespace {

std::string Mutated(std::string bytes, genba::Rng& rng) {
  const int edits = rng.Int(1, 4);
  for (int i = 0; i < edits && !bytes.empty(); ++i) {
    const auto at = static_cast<std::size_t>(rng.Int(0, static_cast<int>(bytes.size()) - 1));
    switch (rng.Int(0, 4)) {
      case 0:
        bytes[at] = static_cast<char>(rng.Int(0, 255));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.Int(0, 7)));
        break;
      case 2:
        bytes.erase(at, static_cast<std::size_t>(rng.Int(1, 16)));
        break;
      case 3:
        bytes.insert(at, bytes.substr(static_cast<std::size_t>(rng.Int(0, static_cast<int>(at))), 16));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> seeds = genba::fuzz::Seeds();
  for (const std::string& seed : seeds) {
    try {
      genba::fuzz::Feed(seed);
    } catch (const genba::Error& error) {
      std::fprintf(stderr, "a sound input is refused: %s\n%.400s\n", error.what(), seed.c_str());
      return 1;
    }
  }
  int files = 0;
  if (argc > 1 && std::filesystem::is_directory(argv[1])) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::fprintf(stderr, "%s\n", entry.path().c_str());
      genba::fuzz::FeedChecked(std::string(std::istreambuf_iterator<char>(in), {}));
      ++files;
    }
  }
  constexpr int kMutations = 3000;
  for (int i = 0; i < kMutations; ++i) {
    genba::Rng rng(1, static_cast<std::uint64_t>(i), "fuzz replay");
    genba::fuzz::FeedChecked(Mutated(seeds[static_cast<std::size_t>(i) % seeds.size()], rng));
  }
  std::printf("%zu seeds, %d files, %d mutations\n", seeds.size(), files, kMutations);
}

// The typed cell of a stored episode.
#include "core/error.h"
#include "envs/scene.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> cells;
  for (std::uint64_t episode = 0; episode < 3; ++episode)
    cells.push_back(envs::CellToJson(envs::DrawScene(envs::Verb::kPick, {}, 1, episode, {}).cell));
  return cells;
}

void Feed(std::string_view input) {
  const std::string text = envs::CellToJson(envs::CellFromJson(std::string(input), "fuzz"));
  GENBA_CHECK(envs::CellToJson(envs::CellFromJson(text, "own")) == text, "a cell reads back");
}

}  // namespace genba::fuzz

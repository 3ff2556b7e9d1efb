// The plan of a stored episode.
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/scene.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> plans;
  for (std::uint64_t episode = 0; episode < 3; ++episode)
    plans.push_back(ToJson(envs::DrawScene(envs::Verb::kPick, {}, 1, episode, {}).plan).dump());
  return plans;
}

void Feed(std::string_view input) {
  const envs::EpisodePlan plan = envs::EpisodePlanFromText(std::string(input), "fuzz");
  const std::string text = ToJson(plan).dump();
  GENBA_CHECK(ToJson(envs::EpisodePlanFromText(text, "own")).dump() == text, "a plan reads back");
}

}  // namespace genba::fuzz

// few_episodes.h - something to learn from in a moment.
#pragma once
#include <filesystem>
#include <string>

#include "trainer/collect.h"

namespace genba::trainer {

struct FewEpisodes {
  std::string task = "reach", policy = "expert";
  int episodes = 4;
};
inline void CollectFew(const std::filesystem::path& data, const FewEpisodes& few = {}) {
  CollectConfig collect;
  collect.task = few.task;
  collect.policy = few.policy;
  collect.out = data;
  collect.episodes = few.episodes;
  collect.threads = 1;
  Collect(collect);
}

}  // namespace genba::trainer

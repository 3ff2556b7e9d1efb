// few_episodes.h - something to learn from in a moment.
#pragma once
#include <filesystem>

#include "trainer/collect.h"

namespace genba::trainer {

// Four episodes of reach.
inline void CollectFew(const std::filesystem::path& data) {
  CollectConfig collect;
  collect.task = "reach";
  collect.out = data;
  collect.episodes = 4;
  collect.threads = 1;
  Collect(collect);
}

}  // namespace genba::trainer

// collecting.h - a fixture that collects small data sets of reach. Used by the tests of collecting and of replaying.
#pragma once
#include <cstdint>
#include <string>

#include "scratch.h"
#include "trainer/collect.h"

namespace genba::trainer {

class Collecting : public ScratchTest {
 protected:
  CollectConfig Config(const std::string& name, int threads, std::uint64_t episodes = 24) const {
    CollectConfig config;
    config.task = "reach";
    config.out = folder_ / name;
    config.seed = 7;
    config.episodes = episodes;
    config.threads = threads;
    config.worlds = 7;
    config.episodes_per_shard = 10;
    config.noise.deviation = 0.2;
    return config;
  }
};

}  // namespace genba::trainer

// peers_cell export FOLDER TASK SCENES WORLDS STEPS - the cell for others (cell_export.h).
// peers_cell play TASK WORLDS THREADS - Genba's side of script/bench-peers: for every line of standard input, a number of
// seconds, steps all worlds with random actions for so long and answers {"steps", "seconds", "episodes"} as JSON. Not a
// test and not part of genba.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/numbers.h"
#include "tests/bench/cell_export.h"

namespace genba::bench {
namespace {

class Player {
 public:
  Player(const std::string& task, int worlds, int threads)
      : env_(EnvConfig(task, worlds, threads)), batch_(env_.spec(), worlds) {
    commands_.Fit(worlds, env_.spec().action_dim());
    env_.Reset(batch_);
  }
  nlohmann::json Play(double seconds) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t resets = env_.phases().resets;
    int steps = 0;
    double passed = 0;
    for (; passed < seconds; ++steps) {
      Step();
      passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    return {{"steps", steps * env_.num_worlds()}, {"seconds", passed}, {"episodes", env_.phases().resets - resets}};
  }

 private:
  void Step() {
    for (int world = 0; step_ % kHoldActions == 0 && world < env_.num_worlds(); ++world) {
      RandomAction(static_cast<std::uint64_t>(world), step_, action_);
      std::copy(action_.begin(), action_.end(),
                commands_.actions.begin() + static_cast<std::ptrdiff_t>(action_.size()) * world);
    }
    env_.Step(commands_, batch_);
    ++step_;
  }
  envs::VecEnv env_;
  StepBatch batch_;
  Commands commands_;
  std::vector<float> action_;
  int step_ = 0;
};

int Whole(const char* text, const char* what) { return ParseWhole<int>(text, 1, 1 << 20, "peers_cell", what); }

int Main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "export" && argc == 7) {
    ExportCell(argv[3], {Whole(argv[4], "SCENES"), Whole(argv[5], "WORLDS"), Whole(argv[6], "STEPS")}, argv[2]);
    return 0;
  }
  if (command != "play" || argc != 5) {
    std::fprintf(stderr, "peers_cell export FOLDER TASK SCENES WORLDS STEPS | play TASK WORLDS THREADS\n");
    return 2;
  }
  Player player(argv[2], Whole(argv[3], "WORLDS"), Whole(argv[4], "THREADS"));
  std::string line;
  while (std::getline(std::cin, line))
    std::cout << player.Play(ParseReal(line, 0, 1e4, "peers_cell", "seconds")).dump() << std::endl;
  return 0;
}

}  // namespace
}  // namespace genba::bench

int main(int argc, char** argv) {
  try {
    return genba::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "peers_cell: %s\n", error.what());
    return 2;
  }
}

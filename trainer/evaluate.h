// evaluate.h - how good a policy is, and whether it listens: strict success on held-out seeds with a Wilson interval,
// by language and split, cycle time, contact force, and the probes. Called by `genba eval`, the report and the demo.
// Law: the same seed gives the same table, for any number of worlds and threads.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "envs/vec_env.h"
#include "policies/features.h"

namespace genba::trainer {

struct EvalConfig {
  std::string task = "pick_bin";
  std::string policy;  // expert | random | zero | a run | a checkpoint
  std::uint64_t seed = 100000;
  int episodes = 200;  // of every row
  int worlds = 64;
  int threads = 0;
  std::string language = "both";
  bool probes = true;                  // also splits and probes; otherwise the nominal row only
  policies::FeaturePlaces places;      // of the policy's backbone
  std::filesystem::path instructions;  // JSON lines {"order": …, "text": …}; empty: generated texts
};

struct EpisodeOutcome {
  std::uint64_t episode = 0;
  bool success = false;
  bool did_old_task = false;
  int steps = 0;
  double peak_force = 0;  // [N]
  double chance = 0;
  envs::Language language = envs::Language::kEnglish;
  std::string cause, order, text;
};

struct Interval {  // Wilson 95 %
  double rate = 0, low = 0, high = 1;
};
Interval Wilson(int successes, int trials);

struct Evaluation {
  EvalConfig config;
  std::string policy_name;
  double control_period = 0.05;  // [s]
  std::map<std::string, std::vector<EpisodeOutcome>>
      rows;  // "train" (nominal), "templates", "words", "pairs", "blank", "counterfactual", "other_language"
};

Evaluation Evaluate(const EvalConfig& config);
nlohmann::json ToJson(const Evaluation& evaluation);  // design.md, `eval`
std::string ToTable(const Evaluation& evaluation);    // for people

// Reads an instructions file; Error(kBadInput) naming file and line.
std::vector<std::pair<std::string, std::string>> ReadInstructions(const std::filesystem::path& file);

}  // namespace genba::trainer

// evaluate.h - how good a policy is, and whether it listens: plays a table's rows on held-out seeds. What the table
// says of them is evaluation.h's. Called by `genba eval` and the demo. Law: the same seed gives the same table, for any
// number of worlds and threads.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "envs/vec_env.h"
#include "policies/features.h"
#include "trainer/language_suite.h"

namespace genba::trainer {

struct EvalConfig {
  std::string task = "pick_bin";
  std::string policy;  // expert | random | zero | a run | a checkpoint
  std::uint64_t seed = 100000;
  int episodes = 200;  // of every row
  int worlds = 64;
  int threads = 0;
  std::string language = "both";
  std::string suite = "standard";      // one of SuiteNames()
  bool probes = true;                  // standard suite: also splits and probes; otherwise the nominal row only
  envs::Disturbances disturbances;     // in every row
  int max_wanted = 0;                  // in every row: most parts that an order asks for; 0: as many as the task has
  policies::FeaturePlaces places;      // of the policy's backbone
  std::filesystem::path instructions;  // see instructions.h; empty: generated texts
};
// standard: splits and language probes. robustness: one disturbance a row. refuse: a family of instructions that are not
// to be acted on a row. counterfactual: one aspect of the order changed a row. languages: every episode's order in both
// languages. language: texts read without physics, `episodes` of a row.
std::vector<std::string> SuiteNames();
inline constexpr const char* kDisturbed = "disturbed ";
inline constexpr const char* kRefused = "refuse ";
inline constexpr const char* kCounterfactual = "counterfactual";

struct EpisodeOutcome {
  std::uint64_t episode = 0;
  bool success = false;
  bool did_old_task = false;
  bool moved = false;  // tool, arm or a part, within the first seconds (envs::kMoved)
  int steps = 0;
  double peak_force = 0;  // [N]
  double chance = 0;
  envs::Language language = envs::Language::kEnglish;
  envs::Order order, old_order;  // envs::EpisodePlan
  std::string cause, text;
  std::string detail;            // of a failure that has more to say than its cause
  Answer expect = Answer::kAct;  // what should be made of the instruction …
  Answer answer = Answer::kAct;  // … and what was, last
  float probability = 1;         // of the answer
  std::string family;            // kind of instruction
  bool given = false;            // the instruction came from a file
};

struct Row {
  std::string name;  // "train" is the nominal row; "disturbed …", "refuse …", "counterfactual …": one of those suites
  envs::EpisodeOptions options;
};

// Of what acts, by content; nothing where there is none (the expert has no weights).
struct PolicyHashes {
  std::string name;  // "expert", "step-00002500"
  std::optional<std::string> weights, backbone, data;
  std::vector<std::string> tasks;  // that it was made for
};

struct Evaluation {
  EvalConfig config;
  PolicyHashes policy;
  std::filesystem::path run;     // the run the policy belongs to; empty: none
  double control_period = 0.05;  // [s]
  double seconds = 0;            // it took
  std::string instructions_sha256;
  int instructions = 0;  // lines of the file
  std::vector<std::pair<std::string, std::vector<EpisodeOutcome>>> rows;
  std::optional<LanguageResult> language;  // of suite "language"

  // Outcomes of a row; null: it was not played.
  const std::vector<EpisodeOutcome>* Find(const std::string& row) const;
};

Evaluation Evaluate(const EvalConfig& config);

}  // namespace genba::trainer

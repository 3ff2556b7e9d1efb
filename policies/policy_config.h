// policy_config.h - shape of a policy network and how its plans are executed; part of every checkpoint. No torch.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/config.h"
#include "policies/features.h"

namespace genba::policies {

struct PolicyConfig {
  std::string head = "chunk";  // "chunk": L1 regression of H actions at once | "flow": flow matching
  int chunk = 8;               // H: actions planned at once
  int execute = 4;             // k: actions executed before the next plan
  int width = 64;              // d: columns of a token
  int attention_heads = 4;
  int text_blocks = 1;  // transformer blocks over the words, once per distinct text
  int blocks = 2;       // transformer blocks over the slots
  int pointers = 4;     // readout queries over the slots
  int trunk_width = 256;
  int trunk_blocks = 2;  // residual blocks behind the readout
  int flow_steps = 4;    // Euler steps from noise to actions
  // Columns of what corrects every action of a plan as it is played, by what is seen then; 0: played as planned.
  int residual_width = 0;
  double residual_scale = 0.2;  // of a correction, beside actions in [-1, 1]
  FeatureConfig features;
};

void Register(ConfigTable& table, PolicyConfig& config);
// As policy files hold it: the backbone by name, and no path of this machine.
nlohmann::json ToJson(const PolicyConfig& config);
// Throws Error(kBadInput) naming file and key.
PolicyConfig PolicyConfigFromJson(const nlohmann::json& json, const std::string& file);
// Settings that do not go together, e.g. execute > chunk; file names where they came from.
void Check(const PolicyConfig& config, const std::string& file);

}  // namespace genba::policies

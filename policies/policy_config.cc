#include "policies/policy_config.h"

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace genba::policies {
namespace {

constexpr const char* kPrefix = "policy.";
// In files of policies that have it.
constexpr const char *kResidualWidth = "residual_width", *kResidualScale = "residual_scale";

std::string JsonText(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

void Register(ConfigTable& table, PolicyConfig& config) {
  table.Add("policy.head", &config.head, "chunk: L1 regression of all actions at once; flow: flow matching",
            {"chunk", "flow"});
  table.Add("policy.chunk", &config.chunk, {1, 64}, "actions planned at once (H)");
  table.Add("policy.execute", &config.execute, {1, 64}, "actions executed before planning again (k <= H)");
  table.Add("policy.width", &config.width, {8, 1024}, "columns of a token (d)");
  table.Add("policy.attention_heads", &config.attention_heads, {1, 64}, "attention heads; divides width");
  table.Add("policy.text_blocks", &config.text_blocks, {0, 8}, "transformer blocks over the words of a text");
  table.Add("policy.blocks", &config.blocks, {0, 16}, "transformer blocks over the slots");
  table.Add("policy.pointers", &config.pointers, {1, 16}, "readout queries over the slots");
  table.Add("policy.trunk_width", &config.trunk_width, {16, 4096}, "columns of the trunk");
  table.Add("policy.trunk_blocks", &config.trunk_blocks, {0, 16}, "residual blocks of the trunk");
  table.Add("policy.flow_steps", &config.flow_steps, {1, 100}, "Euler steps of the flow head");
  table.Add("policy.residual_width", &config.residual_width, {0, 4096},
            "columns of what corrects every action as it is played (residual PPO); 0: played as planned");
  table.Add("policy.residual_scale", &config.residual_scale, {1e-3, 1},
            "of such a correction, actions being in -1 … 1");
  table.Add("policy.backbone", &config.features.backbone,
            "language backbone: default | bag_of_words | random | a folder");
  table.Add("policy.layer", &config.features.layer, {-1, 1000},
            "backbone layer whose states are used; -1: 0.6 of its depth");
  table.Add("policy.low_layer", &config.features.low_layer, {-1, 1000},
            "layer whose states stand beside them: words by themselves; -1: 0.15 of its depth");
  table.Add("policy.high_layer", &config.features.high_layer, {-1, 1000},
            "layer whose states stand beside them for the answer; -1: the last");
  table.Add("policy.max_tokens", &config.features.max_tokens, {1, 4096}, "longest instruction, tokens");
}

nlohmann::json ToJson(const PolicyConfig& config) {
  nlohmann::json json{{"head", config.head},
                      {"chunk", config.chunk},
                      {"execute", config.execute},
                      {"width", config.width},
                      {"attention_heads", config.attention_heads},
                      {"text_blocks", config.text_blocks},
                      {"blocks", config.blocks},
                      {"pointers", config.pointers},
                      {"trunk_width", config.trunk_width},
                      {"trunk_blocks", config.trunk_blocks},
                      {"flow_steps", config.flow_steps},
                      {"backbone", BackboneName(config.features.backbone)},
                      {"layer", config.features.layer},
                      {"low_layer", config.features.low_layer},
                      {"high_layer", config.features.high_layer},
                      {"max_tokens", config.features.max_tokens}};
  if (config.residual_width == 0) return json;
  json[kResidualWidth] = config.residual_width;
  json[kResidualScale] = config.residual_scale;
  return json;
}

PolicyConfig PolicyConfigFromJson(const nlohmann::json& json, const std::string& file) {
  if (!json.is_object()) throw BadInput({file, "config", "an object", json.type_name()});
  PolicyConfig config;
  ConfigTable table;  // the same ranges and types as on the command line
  Register(table, config);
  config.residual_width = json.contains(kResidualWidth) ? 1 : 0;
  const nlohmann::json known = ToJson(config);
  for (const auto& [key, value] : known.items()) {
    if (!json.contains(key)) throw BadInput({file, "config." + key, "a value", "nothing"});
  }
  for (const auto& [key, value] : json.items()) {
    if (!known.contains(key)) throw BadInput({file, "config." + key, "a known setting", "an unknown one"});
    try {
      table.Set(kPrefix + key + "=" + JsonText(value));
    } catch (const Error& error) {
      throw Error(error.kind(), file + ": " + error.what());
    }
  }
  if (config.features.backbone.find('/') != std::string::npos || config.features.backbone.starts_with('.'))
    throw BadInput({file, "config.backbone", "a name without a path", config.features.backbone});
  Check(config, file);
  return config;
}

bool IsOwnBackbone(const std::string& backbone) {
  return backbone == "default" || backbone == "bag_of_words" || backbone == "random";
}

std::string BackboneName(const std::string& backbone) {
  if (IsOwnBackbone(backbone)) return backbone;
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::weakly_canonical(backbone, ignored);
  const std::string name =
      folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
  return name.empty() ? "backbone" : name;
}

void Check(const PolicyConfig& config, const std::string& file) {
  if (config.width % config.attention_heads != 0) {
    throw BadInput({file, "policy.attention_heads", "a divisor of policy.width " + std::to_string(config.width),
                    std::to_string(config.attention_heads)});
  }
  if (config.execute > config.chunk) {
    throw BadInput({file, "policy.execute", "at most policy.chunk " + std::to_string(config.chunk),
                    std::to_string(config.execute)});
  }
}

}  // namespace genba::policies

// Plans and cells ⇄ JSON, as stored with every episode.
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/scene.h"

namespace genba::envs {

namespace {

using nlohmann::json;

// Reads json[key] as T; a missing key or a wrong type becomes a refusal that names it.
template <class T>
T Get(const json& object, const std::string& key, const std::string& file) {
  if (!object.is_object() || !object.contains(key)) throw BadInput({file, key, "a value", "nothing"});
  try {
    return object.at(key).get<T>();
  } catch (const json::exception&) {
    throw BadInput({file, key, "another type", object.at(key).dump().substr(0, 60)});
  }
}

int Choice(const json& object, const std::string& key, int num_choices, const std::string& file) {
  const int value = Get<int>(object, key, file);
  if (value < 0 || value >= num_choices)
    throw BadInput({file, key, "0 … " + std::to_string(num_choices - 1), std::to_string(value)});
  return value;
}

json Parse(const std::string& text, const std::string& file) {
  json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) throw BadInput({file, "", "JSON", text.substr(0, 60)});
  return parsed;
}

json ToJson(const sim::PartSpec& part) {
  return {{"present", part.present},
          {"shape", static_cast<int>(part.shape)},
          {"colour", static_cast<int>(part.colour)},
          {"size", part.size},
          {"density_scale", part.density_scale},
          {"friction", part.friction},
          {"x", part.position.x()},
          {"y", part.position.y()},
          {"yaw", part.yaw}};
}

json ToJson(const sim::BinSpec& bin) {
  return {
      {"x", bin.centre.x()},          {"y", bin.centre.y()},  {"yaw", bin.yaw},   {"half_x", bin.half_inner.x()},
      {"half_y", bin.half_inner.y()}, {"height", bin.height}, {"wall", bin.wall}, {"tag", static_cast<int>(bin.tag)}};
}

sim::PartSpec PartFromJson(const json& j, const std::string& file) {
  sim::PartSpec part;
  part.present = Get<bool>(j, "present", file);
  part.shape = static_cast<sim::PartShape>(Choice(j, "shape", sim::kNumPartShapes, file));
  part.colour = static_cast<sim::PartColour>(Choice(j, "colour", sim::kNumPartColours, file));
  part.size = Get<double>(j, "size", file);
  part.density_scale = Get<double>(j, "density_scale", file);
  part.friction = Get<double>(j, "friction", file);
  part.position = {Get<double>(j, "x", file), Get<double>(j, "y", file)};
  part.yaw = Get<double>(j, "yaw", file);
  return part;
}

sim::BinSpec BinFromJson(const json& j, const std::string& file) {
  sim::BinSpec bin;
  bin.centre = {Get<double>(j, "x", file), Get<double>(j, "y", file)};
  bin.yaw = Get<double>(j, "yaw", file);
  bin.half_inner = {Get<double>(j, "half_x", file), Get<double>(j, "half_y", file)};
  bin.height = Get<double>(j, "height", file);
  bin.wall = Get<double>(j, "wall", file);
  bin.tag = static_cast<sim::PartColour>(Choice(j, "tag", sim::kNumPartColours, file));
  return bin;
}

}  // namespace

std::string CellToJson(const sim::CellSpec& cell) {
  json out{{"timestep", cell.timestep},
           {"pad_friction", cell.pad_friction},
           {"table_friction", cell.table.friction},
           {"parts", json::array()},
           {"bins", json::array()}};
  for (const auto& part : cell.parts) out["parts"].push_back(ToJson(part));
  for (const auto& bin : cell.bins) out["bins"].push_back(ToJson(bin));
  return out.dump();
}

sim::CellSpec CellFromJson(const std::string& text, const std::string& file) {
  const json in = Parse(text, file);
  sim::CellSpec cell;
  cell.timestep = Get<double>(in, "timestep", file);
  cell.pad_friction = Get<double>(in, "pad_friction", file);
  cell.table.friction = Get<double>(in, "table_friction", file);
  const json parts = Get<json::array_t>(in, "parts", file), bins = Get<json::array_t>(in, "bins", file);
  if (parts.size() > sim::kMaxPartSlots)
    throw BadInput({file, "parts", "at most " + std::to_string(sim::kMaxPartSlots), std::to_string(parts.size())});
  if (bins.size() > 16) throw BadInput({file, "bins", "at most 16", std::to_string(bins.size())});
  for (const json& part : parts) cell.parts.push_back(PartFromJson(part, file));
  for (const json& bin : bins) cell.bins.push_back(BinFromJson(bin, file));
  return cell;
}

nlohmann::json ToJson(const EpisodePlan& plan) {
  json parts = json::array();
  for (const ScenePart& part : plan.parts)
    parts.push_back({static_cast<int>(part.colour), static_cast<int>(part.shape)});
  return {{"seed", plan.seed},
          {"episode", plan.episode},
          {"parts", parts},
          {"order", ToText(plan.order)},
          {"old_order", ToText(plan.old_order)},
          {"language", static_cast<int>(plan.language)},
          {"split", static_cast<int>(plan.split)},
          {"text", plan.text},
          {"template", plan.template_id},
          {"chance", plan.chance},
          {"disturbances", ToJson(plan.disturbances)},
          {"randomisation", plan.randomisation}};
}

EpisodePlan EpisodePlanFromJson(const nlohmann::json& in, const std::string& file) {
  EpisodePlan plan;
  plan.seed = Get<std::uint64_t>(in, "seed", file);
  plan.episode = Get<std::uint64_t>(in, "episode", file);
  for (const auto& part : Get<std::vector<std::array<int, 2>>>(in, "parts", file)) {
    if (part[0] < 0 || part[0] >= kNumColours || part[1] < 0 || part[1] >= kNumShapes)
      throw BadInput({file, "parts", "colours and shapes", "others"});
    plan.parts.push_back({static_cast<Colour>(part[0]), static_cast<Shape>(part[1])});
  }
  plan.order = OrderFromText(Get<std::string>(in, "order", file), file);
  plan.old_order = OrderFromText(Get<std::string>(in, "old_order", file), file);
  plan.language = static_cast<Language>(Choice(in, "language", 2, file));
  plan.split = static_cast<Split>(Choice(in, "split", 4, file));
  plan.text = Get<std::string>(in, "text", file);
  plan.template_id = Get<std::string>(in, "template", file);
  plan.chance = Get<double>(in, "chance", file);
  if (!in.contains("disturbances")) throw BadInput({file, "disturbances", "an object", "nothing"});
  plan.disturbances = DisturbancesFromJson(in.at("disturbances"), file);
  plan.randomisation = Get<std::string>(in, "randomisation", file);
  return plan;
}

EpisodePlan EpisodePlanFromText(const std::string& text, const std::string& file) {
  return EpisodePlanFromJson(Parse(text, file), file);
}

}  // namespace genba::envs

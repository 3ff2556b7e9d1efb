#include "envs/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "core/error.h"
#include "envs/answer.h"

namespace genba::envs {

namespace {

// Where parts may lie (world, metres) and how far apart: an open gripper is 0.106 m wide at its fingers and must fit
// round any part without touching the next.
constexpr double kPartX[2] = {0.27, 0.50};
constexpr double kPartY[2] = {-0.30, 0.30};
constexpr double kPartSpacing = 0.115;
constexpr double kGraspYaw = 1.2;  // [rad] parts lie within this of the gripper's home orientation, either end first
constexpr double kPadFriction[2] = {0.7, 1.2};  // rubber on dry to slightly oily steel
constexpr double kBinX = 0.67, kBinY = 0.22;

sim::PartSpec DrawPart(Rng& rng) {
  sim::PartSpec part;
  part.shape = static_cast<sim::PartShape>(rng.Int(0, sim::kNumPartShapes - 1));
  part.colour = static_cast<sim::PartColour>(rng.Int(0, sim::kNumPartColours - 1));
  part.size = rng.Uniform(sim::kPartSizeMin, sim::kPartSizeMax);
  part.density_scale = rng.Uniform(0.8, 1.2);
  part.friction = rng.Uniform(0.5, 1.1);
  part.yaw = rng.Uniform(-kGraspYaw, kGraspYaw) + (rng.Chance(0.5) ? std::numbers::pi : 0);
  return part;
}

// False when the drawn places left no room: the caller draws again.
bool PlaceParts(Rng& rng, std::vector<sim::PartSpec>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool placed = false;
    for (int attempt = 0; attempt < 60 && !placed; ++attempt) {
      parts[i].position = {rng.Uniform(kPartX[0], kPartX[1]), rng.Uniform(kPartY[0], kPartY[1])};
      placed = std::all_of(
          parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i),
          [&](const sim::PartSpec& other) { return (other.position - parts[i].position).norm() >= kPartSpacing; });
    }
    if (!placed) return false;
  }
  return true;
}

std::vector<sim::BinSpec> DrawBins(Rng& rng) {
  std::vector<sim::BinSpec> bins;
  for (int i = 0; i < kNumPlaces; ++i) {
    sim::BinSpec bin;
    bin.centre = {kBinX + rng.Uniform(-0.015, 0.015), kBinY * (1 - i) + rng.Uniform(-0.01, 0.01)};
    bin.yaw = rng.Uniform(-0.05, 0.05);
    bin.tag = static_cast<sim::PartColour>(rng.Int(0, sim::kNumPartColours - 1));
    bins.push_back(bin);
  }
  rng.Shuffle(bins);  // slot order carries no meaning; where a bin stands does
  return bins;
}

bool AboutHeldOutPair(const Order& order, const std::vector<ScenePart>& parts) {
  const std::vector<int> referents = Referents(order, parts);
  return std::any_of(referents.begin(), referents.end(), [&](int i) {
    const ScenePart& part = parts[static_cast<std::size_t>(i)];
    return IsHeldOutPair(part.colour, part.shape);
  });
}

// The orders an episode of this split and kind may be about.
std::vector<Order> LegalOrders(Verb verb, const SceneLimits& limits, const std::vector<ScenePart>& parts, Split split,
                               bool multi) {
  std::vector<Order> orders;
  for (const Order& order : WellPosedOrders(verb, parts)) {
    const auto num_referents = static_cast<int>(Referents(order, parts).size());
    if (multi != (num_referents > 1) || num_referents > limits.max_referents) continue;
    const ObjectSet& set = order.objects;
    // Also "the nuts except red ones" stays out of training: it would teach that red and nut together mean the
    // opposite.
    const bool names_held_out = set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape);
    if (split == Split::kPairs ? !names_held_out || set.negated_colour
                               : names_held_out || AboutHeldOutPair(order, parts))
      continue;
    orders.push_back(order);
  }
  return orders;
}

// Among how many sets of parts the orders choose; where they go is not counted.
int CountTargets(const std::vector<Order>& orders, const std::vector<ScenePart>& parts) {
  std::set<std::vector<int>> targets;
  for (const Order& order : orders) targets.insert(Referents(order, parts));
  return static_cast<int>(targets.size());
}

// How many different things the orders ask for: what somebody who cannot read has to guess among.
int CountGoals(const std::vector<Order>& orders, const std::vector<ScenePart>& parts) {
  std::set<std::pair<std::vector<int>, PlaceWord>> goals;
  for (const Order& order : orders) goals.insert({Referents(order, parts), order.place});
  return static_cast<int>(goals.size());
}

std::vector<Order> OtherGoals(const std::vector<Order>& orders, const Order& order,
                              const std::vector<ScenePart>& parts) {
  const std::vector<int> referents = Referents(order, parts);
  std::vector<Order> others;
  std::copy_if(orders.begin(), orders.end(), std::back_inserter(others),
               [&](const Order& other) { return Referents(other, parts) != referents; });
  return others;
}

Language DrawLanguage(const EpisodeOptions& options, Rng& rng) {
  const bool japanese = rng.Chance(0.5);
  if (options.language == "en") return Language::kEnglish;
  if (options.language == "ja") return Language::kJapanese;
  if (options.language == "both") return japanese ? Language::kJapanese : Language::kEnglish;
  throw BadInput({"episode options", "language", "en | ja | both", options.language});
}

void TakeGivenText(const EpisodeOptions& options, std::uint64_t seed, std::uint64_t episode, EpisodePlan& plan) {
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < options.instructions.size(); ++i) {
    const GivenText& given = options.instructions[i];
    const bool spoken = !given.language || options.language == "both" || options.language == Name(*given.language);
    if (spoken && (given.order.empty() || given.order == ToText(plan.order))) fitting.push_back(i);
  }
  if (fitting.empty()) return;
  const std::size_t chosen = Rng(seed, episode, "given text").Pick(fitting);
  const GivenText& given = options.instructions[chosen];
  plan.text = given.text;
  plan.language = given.language.value_or(plan.language);
  plan.template_id = "given " + std::to_string(chosen);
}

void WriteText(const EpisodeOptions& options, std::uint64_t seed, std::uint64_t episode, EpisodePlan& plan) {
  Rng rng(seed, episode, "language");
  plan.language = DrawLanguage(options, rng);
  if (options.probe == Probe::kOtherLanguage)
    plan.language = plan.language == Language::kEnglish ? Language::kJapanese : Language::kEnglish;
  const Utterance utterance = Say(plan.order, plan.language, options.split, rng);
  plan.text = utterance.text;
  plan.template_id = utterance.template_id;
  if (options.probe == Probe::kBlank) plan.text.clear();
  TakeGivenText(options, seed, episode, plan);
}

// Another order than the drawn one. What cannot be done here is refused: playing the drawn order instead would be
// judged as if it were the answer.
void Force(const EpisodeOptions& options, Verb verb, const sim::CellSpec& cell, EpisodePlan& plan) {
  const Order forced = OrderFromText(options.forced_order, "order");
  const Answer answer = AnswerOf(forced, cell, verb);
  if (!answer.acts())
    throw BadInput({"order", options.forced_order, "an order that can be done in this scene", answer.why});
  plan.order = plan.old_order = forced;
  plan.text = options.forced_text;
  plan.template_id = "typed";
}

}  // namespace

std::vector<ScenePart> VisibleParts(const sim::CellSpec& cell) {
  std::vector<ScenePart> parts;
  for (const sim::PartSpec& part : cell.parts) {
    if (part.present) parts.push_back({part.colour, part.shape});
  }
  return parts;
}

Scene DrawScene(Verb verb, const SceneLimits& limits, std::uint64_t seed, std::uint64_t episode,
                const EpisodeOptions& options) {
  Rng rng(seed, episode, "scene");
  const bool multi = rng.Chance(limits.multi_share);
  Scene scene;
  EpisodePlan& plan = scene.plan;
  std::vector<Order> orders;
  do {
    scene.cell = {};
    const int num_parts = rng.Int(multi ? std::max(3, limits.min_parts) : limits.min_parts, limits.max_parts);
    for (int i = 0; i < num_parts; ++i) scene.cell.parts.push_back(DrawPart(rng));
    plan.parts = VisibleParts(scene.cell);
    orders = LegalOrders(verb, limits, plan.parts, options.split, multi);
  } while (CountTargets(orders, plan.parts) < 2 || !PlaceParts(rng, scene.cell.parts));
  if (limits.has_bins) scene.cell.bins = DrawBins(rng);
  scene.cell.table.friction = rng.Uniform(0.6, 1.0);
  scene.cell.timestep = limits.timestep;
  scene.cell.pad_friction = options.disturbances.pad_friction > 0
                                ? options.disturbances.pad_friction
                                : Rng(seed, episode, "pads").Uniform(kPadFriction[0], kPadFriction[1]);
  scene.cell.parts.resize(sim::kMaxPartSlots, sim::PartSpec{.present = false});
  rng.Shuffle(scene.cell.parts);
  plan.parts = VisibleParts(scene.cell);
  orders = LegalOrders(verb, limits, plan.parts, options.split, multi);

  plan.seed = seed;
  plan.episode = episode;
  plan.split = options.split;
  plan.disturbances = options.disturbances;
  plan.order = plan.old_order = rng.Pick(orders);
  if (options.probe == Probe::kCounterfactual) {
    plan.order = rng.Pick(OtherGoals(orders, plan.order, plan.parts));
  }
  plan.chance = 1.0 / CountGoals(orders, plan.parts);
  WriteText(options, seed, episode, plan);
  if (!options.forced_order.empty()) Force(options, verb, scene.cell, plan);
  return scene;
}

}  // namespace genba::envs

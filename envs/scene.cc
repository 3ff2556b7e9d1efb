#include "envs/scene.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numbers>
#include <set>
#include <tuple>

#include "core/error.h"
#include "envs/answer.h"
#include "envs/refusals.h"

namespace genba::envs {

namespace {

// Where parts may lie (world, metres) and how far apart: an open gripper is 0.106 m wide at its fingers and must fit
// round any part without touching the next.
constexpr double kPartX[2] = {0.27, 0.50};
constexpr double kPartY[2] = {-0.30, 0.30};
constexpr double kPartSpacing = 0.115;
constexpr double kGraspYaw = 1.2;  // [rad] parts lie within this of the gripper's home orientation, either end first
constexpr double kPadFriction[2] = {0.7, 1.2};  // rubber on dry to slightly oily steel
constexpr double kShared = 0.4;                 // share of parts of a kind that is there already
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

// Gives some parts the kind of one before them, so that there are several to choose from.
void ShareKinds(Rng& rng, std::vector<sim::PartSpec>& parts) {
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!rng.Chance(kShared)) continue;
    const sim::PartSpec& other = parts[static_cast<std::size_t>(rng.Int(0, static_cast<int>(i) - 1))];
    parts[i].colour = other.colour;
    parts[i].shape = other.shape;
  }
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

// The orders an episode may be about. A held-out pair is named in its own split only; elsewhere it is a bystander, one of
// "all nuts", or what "except the red ones" leaves out. Not that in what is learned from: red and nut said together only
// to be left out would teach that together they mean the opposite.
std::vector<Order> LegalOrders(Verb verb, const SceneLimits& limits, const std::vector<ScenePart>& parts,
                               const EpisodeOptions& options) {
  std::vector<Order> orders;
  for (const Order& order : WellPosedOrders(verb, parts)) {
    const ObjectSet& set = order.objects;
    const bool names_held_out = set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape) &&
                                (!set.negated_colour || options.to_learn_from);
    if (NumWanted(order, parts) <= limits.max_wanted && names_held_out == (options.split == Split::kPairs))
      orders.push_back(order);
  }
  return orders;
}

std::vector<Order> OfKind(std::vector<Order> orders, const std::vector<ScenePart>& parts, bool multi, bool spare) {
  std::erase_if(orders, [&](const Order& order) {
    return multi != (NumWanted(order, parts) > 1) || spare != HasSpare(order, parts);
  });
  return orders;
}

// Among how many sets of parts the orders choose; where they go is not counted.
int CountTargets(const std::vector<Order>& orders, const std::vector<ScenePart>& parts) {
  std::set<std::vector<int>> targets;
  for (const Order& order : orders) targets.insert(Referents(order, parts));
  return static_cast<int>(targets.size());
}

using Meant = std::tuple<std::vector<int>, int, PlaceWord>;
Meant MeantBy(const Order& order, const std::vector<ScenePart>& parts) {
  return {Referents(order, parts), NumWanted(order, parts), order.place};
}

// How many different things the orders ask for: what somebody who cannot read has to guess among.
int CountGoals(const std::vector<Order>& orders, const std::vector<ScenePart>& parts) {
  std::set<Meant> goals;
  for (const Order& order : orders) goals.insert(MeantBy(order, parts));
  return static_cast<int>(goals.size());
}

// Whether both orders can be obeyed by doing the same.
bool Compatible(const Order& a, const Order& b, const std::vector<ScenePart>& parts) {
  if (a.place != b.place || NumWanted(a, parts) != NumWanted(b, parts)) return false;
  const std::vector<int> of_a = Referents(a, parts), of_b = Referents(b, parts);
  std::vector<int> shared;
  std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(shared));
  return static_cast<int>(shared.size()) >= NumWanted(a, parts);
}

// Those to which there is a counterfactual. Where there are places, another place is one.
std::vector<Order> Contrasted(std::vector<Order> orders, const std::vector<Order>& legal,
                              const std::vector<ScenePart>& parts) {
  std::erase_if(orders, [&](const Order& order) {
    return order.place == PlaceWord::kNone &&
           std::all_of(legal.begin(), legal.end(), [&](const Order& other) { return Compatible(other, order, parts); });
  });
  return orders;
}

bool IsCounterfactual(const Order& other, const Order& order, Aspect aspect, const std::vector<ScenePart>& parts) {
  return Differences(order, other) == std::vector{aspect} && !Compatible(other, order, parts);
}

// Those to which there is a counterfactual in this aspect.
std::vector<Order> ContrastedIn(Aspect aspect, std::vector<Order> orders, const std::vector<Order>& legal,
                                const std::vector<ScenePart>& parts) {
  std::erase_if(orders, [&](const Order& order) {
    return std::none_of(legal.begin(), legal.end(),
                        [&](const Order& other) { return IsCounterfactual(other, order, aspect, parts); });
  });
  return orders;
}

Order CounterfactualIn(Aspect aspect, std::vector<Order> orders, const Order& order,
                       const std::vector<ScenePart>& parts, Rng& rng) {
  std::erase_if(orders, [&](const Order& other) { return !IsCounterfactual(other, order, aspect, parts); });
  return rng.Pick(orders);
}

// An order that cannot be obeyed by doing what the drawn one asks for, and differs from it in one aspect of its meaning
// only, the aspects in equal shares; in a scene without any, one that differs in more.
Order Counterfactual(const std::vector<Order>& orders, const Order& order, const std::vector<ScenePart>& parts,
                     Rng& rng) {
  std::map<Aspect, std::vector<Order>> partners;
  std::vector<Order> others;
  for (const Order& other : orders) {
    if (Compatible(other, order, parts)) continue;
    others.push_back(other);
    const std::vector<Aspect> aspects = Differences(order, other);
    if (aspects.size() == 1) partners[aspects.front()].push_back(other);
  }
  if (partners.empty()) return rng.Pick(others);
  return rng.Pick(std::next(partners.begin(), rng.Int(0, static_cast<int>(partners.size()) - 1))->second);
}

std::vector<Order> Askable(const std::vector<Order>& orders, const std::vector<Order>& legal,
                           const std::vector<ScenePart>& parts, const EpisodeOptions& options) {
  if (options.aspect) return ContrastedIn(*options.aspect, orders, legal, parts);
  return Contrasted(orders, legal, parts);
}

Order Partner(const std::vector<Order>& orders, const Order& order, const std::vector<ScenePart>& parts,
              const EpisodeOptions& options, Rng& rng) {
  if (options.aspect) return CounterfactualIn(*options.aspect, orders, order, parts, rng);
  return Counterfactual(orders, order, parts, rng);
}

SceneLimits Limited(SceneLimits limits, const EpisodeOptions& options) {
  if (options.max_wanted > 0) limits.max_wanted = std::min(limits.max_wanted, options.max_wanted);
  if (limits.max_wanted == 1) limits.multi_share = 0;
  return limits;
}

// Without this a scene would be looked for that cannot be. (What is the only one of its kind has no partner in count
// either: such scenes are drawn with a spare.)
void CheckAspect(const EpisodeOptions& options, const SceneLimits& limits, Verb verb) {
  if (!options.aspect) return;
  if (*options.aspect == Aspect::kCount && limits.max_wanted == 1)
    throw BadInput({"episode options", "aspect", "none of count where orders ask for one part", "count"});
  const std::vector<Aspect> possible = AspectsOf(verb);
  if (std::find(possible.begin(), possible.end(), *options.aspect) == possible.end())
    throw BadInput({"episode options", "aspect", std::string("one in which two orders to ") + Name(verb) + " differ",
                    kAspectNames.at(static_cast<std::size_t>(*options.aspect))});
}

Language DrawLanguage(const EpisodeOptions& options, Rng& rng) {
  const bool japanese = rng.Chance(0.5);
  if (options.language == "en") return Language::kEnglish;
  if (options.language == "ja") return Language::kJapanese;
  if (options.language == "both") return japanese ? Language::kJapanese : Language::kEnglish;
  throw BadInput({"episode options", "language", "en | ja | both", options.language});
}

// Of the given texts that fit the episode one is drawn; what it has no slot for in this scene is passed over.
void TakeGivenText(const EpisodeOptions& options, std::uint64_t seed, std::uint64_t episode, EpisodePlan& plan) {
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < options.instructions.size(); ++i) {
    const GivenText& given = options.instructions[i];
    const bool spoken = !given.language || options.language == "both" || options.language == Name(*given.language);
    if (spoken && (given.order.empty() || given.order == ToText(plan.order))) fitting.push_back(i);
  }
  Rng rng(seed, episode, "given text");
  rng.Shuffle(fitting);
  for (const std::size_t chosen : fitting) {
    const GivenText& given = options.instructions[chosen];
    const Language language = given.language.value_or(plan.language);
    const std::optional<std::string> text = Filled(given.text, {plan.order, plan.parts}, language, rng);
    if (!text) continue;
    plan.text = *text;
    plan.language = language;
    plan.expect = given.expect;
    plan.family = given.family;
    plan.template_id = "given " + std::to_string(chosen);
    return;
  }
}

std::vector<RefusalFamily> FamiliesOf(const EpisodeOptions& options) {
  std::vector<RefusalFamily> families;
  for (const RefusalFamily& family : RefusalFamilies()) {
    const bool named =
        std::find(options.families.begin(), options.families.end(), family.name) != options.families.end();
    if (options.families.empty() ? !family.held_out : named) families.push_back(family);
  }
  if (families.size() < std::max<std::size_t>(1, options.families.size()))
    throw BadInput({"episode options", "families", "names of families of refusals", "another"});
  return families;
}

// Instead of the order, something that is not to be acted on; the order is what it talks about. Of the families that
// have something to say about this scene, in equal shares.
void Refuse(const EpisodeOptions& options, EpisodePlan& plan) {
  Rng rng(plan.seed, plan.episode, "refusal");
  std::vector<RefusalFamily> families = FamiliesOf(options);
  if (!rng.Chance(options.negatives)) return;
  rng.Shuffle(families);
  for (const RefusalFamily& family : families) {
    const auto refusal = SayRefusal(family, {plan.order, plan.parts, options.other_tasks}, plan.language, options.split,
                                    rng, options.to_learn_from ? Wording::kWide : Wording::kPlain);
    if (!refusal) continue;
    plan.text = refusal->text;
    plan.template_id = refusal->template_id;
    plan.expect = refusal->expect;
    plan.family = refusal->family;
    return;
  }
}

void WriteText(const EpisodeOptions& options, std::uint64_t seed, std::uint64_t episode, EpisodePlan& plan) {
  Rng rng(seed, episode, "language");
  plan.language = DrawLanguage(options, rng);
  if (options.probe == Probe::kOtherLanguage)
    plan.language = plan.language == Language::kEnglish ? Language::kJapanese : Language::kEnglish;
  const Utterance utterance = Say(plan.order, plan.language, options.split, rng, HasSpare(plan.order, plan.parts));
  plan.text = utterance.text;
  plan.template_id = utterance.template_id;
  if (options.negatives > 0) Refuse(options, plan);
  if (options.probe == Probe::kBlank) plan.text.clear();
  TakeGivenText(options, seed, episode, plan);
}

// Another order than the drawn one. What cannot be done here is refused: playing the drawn order instead would be
// judged as if it were the answer.
void Force(const EpisodeOptions& options, Verb verb, const sim::CellSpec& cell, EpisodePlan& plan) {
  const Order forced = OrderFromText(options.forced_order, "order");
  const Verdict verdict = VerdictOn(forced, cell, verb);
  if (!verdict.acts())
    throw BadInput({"order", options.forced_order, "an order that can be done in this scene", verdict.why});
  plan.order = plan.old_order = forced;
}

// What somebody typed instead of the drawn sentence. Without an order the drawn one stays: it is only what is talked about.
void TakeTypedText(const EpisodeOptions& options, Verb verb, const sim::CellSpec& cell, EpisodePlan& plan) {
  if (options.forced_order.empty() && options.forced_expect == Answer::kAct) return;
  if (!options.forced_order.empty()) Force(options, verb, cell, plan);
  plan.text = options.forced_text;
  plan.template_id = "typed";
  plan.expect = options.forced_expect;
}

}  // namespace

std::vector<ScenePart> VisibleParts(const sim::CellSpec& cell) {
  std::vector<ScenePart> parts;
  for (const sim::PartSpec& part : cell.parts) {
    if (part.present) parts.push_back({part.colour, part.shape});
  }
  return parts;
}

void RegisterMaxWanted(ConfigTable& table, int* max_wanted) {
  table.Add("env.max_wanted", max_wanted, {0, static_cast<double>(SceneLimits{}.max_wanted)},
            "most parts that an order asks for; 0: as many as the task has");
}

Scene DrawScene(Verb verb, const SceneLimits& of_task, std::uint64_t seed, std::uint64_t episode,
                const EpisodeOptions& options) {
  const SceneLimits limits = Limited(of_task, options);
  CheckAspect(options, limits, verb);
  Rng rng(seed, episode, "scene");
  const bool multi = rng.Chance(limits.multi_share);
  const bool spare = rng.Chance(limits.spare_share) || (options.aspect == Aspect::kCount && !multi);
  Scene scene;
  EpisodePlan& plan = scene.plan;
  std::vector<Order> legal, orders;
  do {
    scene.cell = {};
    const int num_parts = rng.Int(multi || spare ? std::max(3, limits.min_parts) : limits.min_parts, limits.max_parts);
    for (int i = 0; i < num_parts; ++i) scene.cell.parts.push_back(DrawPart(rng));
    if (multi || spare) ShareKinds(rng, scene.cell.parts);
    plan.parts = VisibleParts(scene.cell);
    legal = LegalOrders(verb, limits, plan.parts, options);
    orders = Askable(OfKind(legal, plan.parts, multi, spare), legal, plan.parts, options);
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
  legal = LegalOrders(verb, limits, plan.parts, options);
  orders = Askable(OfKind(legal, plan.parts, multi, spare), legal, plan.parts, options);

  plan.seed = seed;
  plan.episode = episode;
  plan.split = options.split;
  plan.disturbances = options.disturbances;
  plan.order = plan.old_order = rng.Pick(orders);
  if (options.probe == Probe::kCounterfactual) plan.order = Partner(legal, plan.order, plan.parts, options, rng);
  plan.chance = 1.0 / CountGoals(orders, plan.parts);
  WriteText(options, seed, episode, plan);
  TakeTypedText(options, verb, scene.cell, plan);
  return scene;
}

}  // namespace genba::envs

// order.h - the meaning of an instruction, free of language: what to do with which objects, how many, to
// where. Constant values. The canonical text "pick(all red bolt -> left bin)" round-trips and is what
// --instructions files, probes and the language model's training targets use.
#pragma once
#include <array>
#include <compare>
#include <string>
#include <vector>

#include "sim/parts/vocabulary.h"

namespace genba::envs {

enum class Verb { kReach, kPick };
using Colour = sim::PartColour;  // also the column order of the observation's one-hots
using Shape = sim::PartShape;
enum class PlaceWord { kNone, kLeft, kMiddle, kRight };  // the bins, as seen from the robot's operator
enum class Count { kOne, kTwo, kThree, kAll };
inline constexpr int kNumColours = sim::kNumPartColours;
inline constexpr int kNumShapes = sim::kNumPartShapes;
inline constexpr std::array kPlaceNames{"left", "middle", "right"};  // of PlaceWord from kLeft on
inline constexpr int kNumPlaces = static_cast<int>(kPlaceNames.size());

// Which parts are meant. A missing colour or shape is a wildcard; negated_colour: "every nut except the green
// ones".
struct ObjectSet {
  bool has_colour = false;
  Colour colour = Colour::kRed;
  bool negated_colour = false;  // colour is excluded instead of required
  bool has_shape = false;
  Shape shape = Shape::kBolt;
  Count count = Count::kOne;
  friend auto operator<=>(const ObjectSet&, const ObjectSet&) = default;
};

struct Order {
  Verb verb = Verb::kReach;
  ObjectSet objects;
  PlaceWord place = PlaceWord::kNone;  // kNone for reach
  friend auto operator<=>(const Order&, const Order&) = default;
};

const char* Name(Verb verb);
using sim::Name;  // of colours and shapes
const char* Name(PlaceWord place);
const char* Name(Count count);

std::string ToText(const Order& order);  // canonical
Order OrderFromText(const std::string& text,
                    const std::string& file);  // Error(kBadInput) naming file and what is wrong
std::string OrderSyntax();                     // for `genba tasks --orders`

// What language can see of a scene: the parts on the table. Slot order carries no meaning.
struct ScenePart {
  Colour colour;
  Shape shape;
};

bool Matches(const ObjectSet& set, const ScenePart& part);
// Indices of the parts a order is about: all that match. For kOne, kTwo, kThree the order is well posed in a
// scene only when exactly that many match (the referent is unique); for kAll when at least one matches.
std::vector<int> Referents(const Order& order, const std::vector<ScenePart>& scene);
bool WellPosed(const Order& order, const std::vector<ScenePart>& scene);
// Every well-posed order of a verb in a scene, in a fixed order.
std::vector<Order> WellPosedOrders(Verb verb, const std::vector<ScenePart>& scene);

}  // namespace genba::envs

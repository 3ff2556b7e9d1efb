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
// Indices of the parts an order may be about: all that match.
std::vector<int> Referents(const Order& order, const std::vector<ScenePart>& scene);
int NumReferents(const Order& order, const std::vector<ScenePart>& scene);
// How many of them it asks for. Where more match than that, any so many are right and one more is wrong.
int NumWanted(const Order& order, const std::vector<ScenePart>& scene);
bool HasSpare(const Order& order, const std::vector<ScenePart>& scene);  // more match than it asks for
// As many match as it asks for, at least one, and verb and place go together.
bool WellPosed(const Order& order, const std::vector<ScenePart>& scene);
// What two orders may differ in.
enum class Aspect { kVerb, kColour, kExcept, kShape, kCount, kPlace };
inline constexpr std::array kAspectNames{"verb", "colour", "except", "shape", "count", "place"};
std::vector<Aspect> Differences(const Order& a, const Order& b);
std::vector<Aspect> AspectsOf(Verb verb);  // those in which two orders of a verb can differ

// Every well-posed order of a verb in a scene, in a fixed order.
std::vector<Order> WellPosedOrders(Verb verb, const std::vector<ScenePart>& scene);

}  // namespace genba::envs

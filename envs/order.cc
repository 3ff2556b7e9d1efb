#include "envs/order.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "core/error.h"

namespace genba::envs {
namespace {

constexpr std::array<const char*, 2> kVerbs = {"reach", "pick"};
constexpr std::array<const char*, 4> kCounts = {"one", "two", "three", "all"};
constexpr const char* kAnyShape = "part";

// "red | blue | …"
std::string Choices(std::span<const char* const> names) {
  std::string text;
  for (const char* name : names) text += (text.empty() ? "" : " | ") + std::string(name);
  return text;
}

// Words and the marks ( ) ->; anything else sticks to its word and is refused with it.
std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\t') {
      flush();
    } else if (c == '(' || c == ')') {
      flush();
      words.emplace_back(1, c);
    } else if (text.compare(i, 2, "->") == 0) {
      flush();
      words.emplace_back("->");
      ++i;
    } else {
      word += c;
    }
  }
  flush();
  return words;
}

// Reads one canonical text from left to right; every refusal names the text and the word it stopped at.
class OrderReader {
 public:
  OrderReader(const std::string& text, const std::string& file) : text_(text), file_(file), words_(Words(text)) {}

  Order Read() {
    Order order;
    order.verb = static_cast<Verb>(One(kVerbs));
    Expect("(");
    order.objects.count = static_cast<Count>(One(kCounts));
    if (order.verb == Verb::kReach && order.objects.count != Count::kOne)
      Refuse("one (reach is about one part)", Last());
    ReadObjects(order.objects);
    if (order.verb == Verb::kPick) {
      Expect("->");
      order.place = static_cast<PlaceWord>(1 + One(kPlaceNames));
      Expect("bin");
    }
    Expect(")");
    if (next_ < words_.size()) Refuse("nothing after \")\"", words_[next_]);
    return order;
  }

 private:
  void ReadObjects(ObjectSet& set) {
    if (const int colour = Find(sim::kPartColourNames); colour >= 0) {
      set.has_colour = true;
      set.colour = static_cast<Colour>(colour);
      ++next_;
    }
    if (Peek() == kAnyShape) {
      ++next_;
    } else {
      set.shape = static_cast<Shape>(One(sim::kPartShapeNames, kAnyShape));
      set.has_shape = true;
    }
    if (Peek() != "except") return;
    if (set.has_colour) Refuse("either a colour or \"except\" a colour, not both", "both");
    ++next_;
    set.has_colour = set.negated_colour = true;
    set.colour = static_cast<Colour>(One(sim::kPartColourNames));
  }

  std::string_view Peek() const { return next_ < words_.size() ? std::string_view(words_[next_]) : ""; }
  std::string Last() const { return words_[next_ - 1]; }

  int Find(std::span<const char* const> names) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (Peek() == names[i]) return static_cast<int>(i);
    }
    return -1;
  }

  int One(std::span<const char* const> names, const char* also = nullptr) {
    const int found = Find(names);
    if (found < 0) Refuse(Choices(names) + (also ? std::string(" | ") + also : ""), Peek());
    ++next_;
    return found;
  }

  void Expect(const char* word) {
    if (Peek() != word) Refuse("\"" + std::string(word) + "\"", Peek());
    ++next_;
  }

  [[noreturn]] void Refuse(const std::string& expected, std::string_view got) const {
    throw BadInput({file_, "order \"" + text_ + "\"", expected, got.empty() ? "its end" : std::string(got)});
  }

  const std::string& text_;
  const std::string& file_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

bool AnyExcluded(const ObjectSet& set, const std::vector<ScenePart>& scene) {
  for (const ScenePart& part : scene) {
    if (part.colour == set.colour && (!set.has_shape || part.shape == set.shape)) return true;
  }
  return false;
}

// What nobody would say although it is well posed: "all" of one part, "except the green ones" where none is green,
// a set that any part is in (unless it is all of them).
bool Sensible(const Order& order, const std::vector<ScenePart>& scene) {
  const ObjectSet& set = order.objects;
  if (set.negated_colour && !AnyExcluded(set, scene)) return false;
  if (set.count == Count::kAll) return NumReferents(order, scene) >= 2;
  return set.has_colour || set.has_shape;
}

// Every object set of a count, in a fixed order: by shape (any last), then colour (any last), then excluded colour.
std::vector<ObjectSet> ObjectSets(Count count) {
  std::vector<ObjectSet> sets;
  for (int s = 0; s <= kNumShapes; ++s) {
    for (int c = 0; c <= 2 * kNumColours; ++c) {
      ObjectSet set;
      set.count = count;
      set.has_shape = s < kNumShapes;
      if (set.has_shape) set.shape = static_cast<Shape>(s);
      set.has_colour = c != kNumColours;
      set.negated_colour = c > kNumColours;
      if (set.has_colour) set.colour = static_cast<Colour>(set.negated_colour ? c - kNumColours - 1 : c);
      sets.push_back(set);
    }
  }
  return sets;
}

}  // namespace

const char* Name(Verb verb) { return kVerbs.at(static_cast<std::size_t>(verb)); }
const char* Name(PlaceWord place) {
  return place == PlaceWord::kNone ? "none" : kPlaceNames.at(static_cast<std::size_t>(place) - 1);
}
const char* Name(Count count) { return kCounts.at(static_cast<std::size_t>(count)); }

std::string ToText(const Order& order) {
  const ObjectSet& set = order.objects;
  std::string text = std::string(Name(order.verb)) + "(" + Name(set.count) + " ";
  if (set.has_colour && !set.negated_colour) text += std::string(Name(set.colour)) + " ";
  text += set.has_shape ? Name(set.shape) : kAnyShape;
  if (set.has_colour && set.negated_colour) text += std::string(" except ") + Name(set.colour);
  if (order.place != PlaceWord::kNone) text += std::string(" -> ") + Name(order.place) + " bin";
  return text + ")";
}

Order OrderFromText(const std::string& text, const std::string& file) { return OrderReader(text, file).Read(); }

std::string OrderSyntax() {
  return "order   = reach(one OBJECTS) | pick(COUNT OBJECTS -> PLACE bin)\n"
         "OBJECTS = [COLOUR] SHAPE | SHAPE except COLOUR\n"
         "COUNT   = " +
         Choices(kCounts) +
         "   (one, two, three: at least so many match in the scene, and any so many are right; all: at least one "
         "matches)\n"
         "COLOUR  = " +
         Choices(sim::kPartColourNames) +
         "\n"
         "SHAPE   = " +
         Choices(sim::kPartShapeNames) + " | " + kAnyShape + "   (" + kAnyShape +
         ": any shape)\n"
         "PLACE   = " +
         Choices(kPlaceNames) +
         "\n"
         "e.g. reach(one blue gear)   pick(two red bolt -> left bin)   pick(all nut except green -> right bin)\n";
}

bool Matches(const ObjectSet& set, const ScenePart& part) {
  if (set.has_shape && part.shape != set.shape) return false;
  return !set.has_colour || (part.colour == set.colour) != set.negated_colour;
}

std::vector<int> Referents(const Order& order, const std::vector<ScenePart>& scene) {
  std::vector<int> found;
  for (std::size_t i = 0; i < scene.size(); ++i) {
    if (Matches(order.objects, scene[i])) found.push_back(static_cast<int>(i));
  }
  return found;
}

int NumReferents(const Order& order, const std::vector<ScenePart>& scene) {
  const auto is_meant = [&](const ScenePart& part) { return Matches(order.objects, part); };
  return static_cast<int>(std::count_if(scene.begin(), scene.end(), is_meant));
}

int NumWanted(const Order& order, const std::vector<ScenePart>& scene) {
  if (order.objects.count != Count::kAll) return static_cast<int>(order.objects.count) + 1;
  return NumReferents(order, scene);
}

bool HasSpare(const Order& order, const std::vector<ScenePart>& scene) {
  return NumReferents(order, scene) > NumWanted(order, scene);
}

bool WellPosed(const Order& order, const std::vector<ScenePart>& scene) {
  const bool reach = order.verb == Verb::kReach;
  if (reach != (order.place == PlaceWord::kNone)) return false;
  if (reach && order.objects.count != Count::kOne) return false;
  const int wanted = NumWanted(order, scene);
  return wanted >= 1 && NumReferents(order, scene) >= wanted;
}

std::vector<Aspect> Differences(const Order& a, const Order& b) {
  const ObjectSet &x = a.objects, &y = b.objects;
  std::vector<Aspect> aspects;
  const auto note = [&](bool differs, Aspect aspect) {
    if (differs) aspects.push_back(aspect);
  };
  note(a.verb != b.verb, Aspect::kVerb);
  note(x.has_colour != y.has_colour || (x.has_colour && x.colour != y.colour), Aspect::kColour);
  note(x.negated_colour != y.negated_colour, Aspect::kExcept);
  note(x.has_shape != y.has_shape || (x.has_shape && x.shape != y.shape), Aspect::kShape);
  note(x.count != y.count, Aspect::kCount);
  note(a.place != b.place, Aspect::kPlace);
  return aspects;
}

std::vector<Aspect> AspectsOf(Verb verb) {
  using enum Aspect;
  if (verb == Verb::kReach) return {kColour, kExcept, kShape};
  return {kColour, kExcept, kShape, kCount, kPlace};
}

std::vector<Order> WellPosedOrders(Verb verb, const std::vector<ScenePart>& scene) {
  std::vector<Order> orders;
  const bool reach = verb == Verb::kReach;
  for (int count = 0; count < (reach ? 1 : 4); ++count) {
    for (const ObjectSet& set : ObjectSets(static_cast<Count>(count))) {
      for (int place = reach ? 0 : 1; place <= (reach ? 0 : kNumPlaces); ++place) {
        const Order order{verb, set, static_cast<PlaceWord>(place)};
        if (WellPosed(order, scene) && Sensible(order, scene)) orders.push_back(order);
      }
    }
  }
  return orders;
}

}  // namespace genba::envs

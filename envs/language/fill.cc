// The slots of a given sentence, filled from the scene it is said in: {part} and {bin} are what the scene's order is
// about, {shape} is one of its shapes, {absent} a kind of part that is not there.
#include <algorithm>

#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

// A phrase for the middle of a sentence.
std::string Spoken(const Order& order, const char* slot, Language language, bool spare, Rng& rng) {
  WordPicker words(rng, Split::kTrain, 0, spare);
  return Uncapitalised(GrammarOf(language).say(order, Template{"", slot}, words));
}

std::optional<ScenePart> AbsentKind(const std::vector<ScenePart>& parts, Rng& rng) {
  std::vector<ScenePart> absent;
  for (int kind = 0; kind < kNumColours * kNumShapes; ++kind) {
    const ScenePart candidate{static_cast<Colour>(kind / kNumShapes), static_cast<Shape>(kind % kNumShapes)};
    const bool there = std::any_of(parts.begin(), parts.end(), [&](const ScenePart& part) {
      return part.colour == candidate.colour && part.shape == candidate.shape;
    });
    if (!there) absent.push_back(candidate);
  }
  if (absent.empty()) return std::nullopt;
  return rng.Pick(absent);
}

Order About(const ScenePart& part) {
  Order order;
  order.objects.has_colour = order.objects.has_shape = true;
  order.objects.colour = part.colour;
  order.objects.shape = part.shape;
  return order;
}

// At the beginning of an English sentence.
std::string Capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::optional<std::string> Filled(const std::string& text, const SaidScene& scene, Language language, Rng& rng) {
  const bool begins = text.starts_with("{");
  std::string filled = text;
  if (Has(filled, "{part}"))
    filled =
        Replaced(filled, "{part}", Spoken(scene.order, "{obj}", language, HasSpare(scene.order, scene.parts), rng));
  if (Has(filled, "{bin}")) {
    if (scene.order.place == PlaceWord::kNone) return std::nullopt;
    filled = Replaced(filled, "{bin}", Spoken(scene.order, "{place}", language, false, rng));
  }
  if (Has(filled, "{shape}")) {
    Order order;
    order.objects.has_shape = true;
    order.objects.shape = rng.Pick(scene.parts).shape;
    filled = Replaced(filled, "{shape}",
                      Spoken(order, language == Language::kEnglish ? "{kind}" : "{obj}", language, false, rng));
  }
  if (Has(filled, "{absent}")) {
    const std::optional<ScenePart> absent = AbsentKind(scene.parts, rng);
    if (!absent) return std::nullopt;
    filled = Replaced(filled, "{absent}", Spoken(About(*absent), "{obj}", language, false, rng));
  }
  return begins ? Capitalised(filled) : filled;
}

}  // namespace genba::envs

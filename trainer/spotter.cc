#include "trainer/spotter.h"

#include <algorithm>
#include <array>

#include "envs/keywords.h"

namespace genba::trainer {

namespace {

// As they stand between keywords, in texts without capitals and marks. Japanese does not show where words end.
constexpr std::array kForbids{" don't ",  " not ",       " never ",     " no ",         " nothing ", " nobody ",
                              " avoid ",  " refrain ",   " forbidden ", " prohibited ", " leave ",   " keep ",
                              " ignore ", " hands off ", "ないで",      "ないこと",     "ないよう",  "るな ",
                              "すな ",    "くな ",       "いけません",  "いけない",     "ならない",  "禁止",
                              "だめ",     "やめ"};
constexpr std::array kStops{" stop ", " halt ", " freeze ", " abort ", " cancel ",
                            "止まれ", "停止",   "ストップ", "中止"};

template <std::size_t N>
bool HasOneOf(const std::string& text, const std::array<const char*, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

// What keywords of one kind say.
struct Said {
  bool at_all = false, differently = false;
  int value = 0;
};
Said SaidOf(const std::vector<envs::Keyword>& keywords, envs::KeywordKind kind) {
  Said said;
  for (const envs::Keyword& keyword : keywords) {
    if (keyword.kind != kind) continue;
    said.differently = said.differently || (said.at_all && said.value != keyword.value);
    said.at_all = true;
    said.value = keyword.value;
  }
  return said;
}

struct Named {
  Said colour, shape, place, count, except;
  explicit Named(const std::vector<envs::Keyword>& keywords)
      : colour(SaidOf(keywords, envs::KeywordKind::kColour)),
        shape(SaidOf(keywords, envs::KeywordKind::kShape)),
        place(SaidOf(keywords, envs::KeywordKind::kPlace)),
        count(SaidOf(keywords, envs::KeywordKind::kCount)),
        except(SaidOf(keywords, envs::KeywordKind::kExcept)) {}
  bool Differently() const { return colour.differently || shape.differently || place.differently || count.differently; }
};

envs::ObjectSet PartsNamed(const Named& named) {
  envs::ObjectSet set;
  set.has_colour = named.colour.at_all;
  if (set.has_colour) set.colour = static_cast<envs::Colour>(named.colour.value);
  set.negated_colour = set.has_colour && named.except.at_all;
  set.has_shape = named.shape.at_all && named.shape.value != envs::kAnyPart;
  if (set.has_shape) set.shape = static_cast<envs::Shape>(named.shape.value);
  if (named.count.at_all) set.count = static_cast<envs::Count>(named.count.value);
  return set;
}

std::optional<envs::Order> OrderNamed(const Named& named, envs::Verb verb) {
  const bool has_place = verb == envs::Verb::kPick;
  if ((!named.colour.at_all && !named.shape.at_all) || (has_place && !named.place.at_all)) return std::nullopt;
  return envs::Order{verb, PartsNamed(named),
                     has_place ? static_cast<envs::PlaceWord>(named.place.value) : envs::PlaceWord::kNone};
}

}  // namespace

Spotted Spot(const std::string& text, envs::Verb verb, const std::vector<envs::ScenePart>& parts) {
  const envs::SpottedText spotted = envs::SpotKeywords(text);
  const Named named(spotted.keywords);
  const auto order = OrderNamed(named, verb);
  if (HasOneOf(spotted.rest, kForbids)) return {order, Answer::kMustNot};
  if (named.Differently()) return {order, Answer::kCannot};
  if (order) return {order, envs::WellPosed(*order, parts) ? Answer::kAct : Answer::kCannot};
  return {order, HasOneOf(spotted.rest, kStops) ? Answer::kMustNot : Answer::kNotUnderstood};
}

}  // namespace genba::trainer

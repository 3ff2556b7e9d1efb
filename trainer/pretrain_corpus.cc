#include "trainer/pretrain_corpus.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"
#include "envs/refusals.h"
#include "envs/scene.h"

namespace genba::trainer {

namespace {

constexpr double kLoose = 0.25;     // share of orders heard in a made-up pattern
constexpr double kFramed = 0.55;    // share of orders said in frames
constexpr double kVaried = 0.3;     // share heard as people say and type them
constexpr double kSlips = 0.12;     // share heard with a slip of the finger
constexpr double kRefusals = 0.36;  // share of what is no order
constexpr double kWords = 0.18;     // share of what is no sentence: phrases, words and what they mean
// Of these: words that forbid or ask, verbs, words of everyday life.
constexpr double kSpeech = 0.2, kVerbs = 0.12, kEveryday = 0.3;

envs::Language Other(envs::Language language) {
  return language == envs::Language::kEnglish ? envs::Language::kJapanese : envs::Language::kEnglish;
}

envs::EpisodeOptions ToLearnFrom() {
  envs::EpisodeOptions options;
  options.to_learn_from = true;
  return options;
}

std::string Heard(const std::string& text, envs::Language language, Rng& rng) {
  std::string heard = rng.Chance(kVaried) ? envs::Varied(text, language, rng) : text;
  return rng.Chance(kSlips) ? envs::WithSlip(heard, rng) : heard;
}

// Families that say of an order what should not come of it; absent things are said in plain orders.
std::vector<envs::RefusalFamily> Families() {
  std::vector<envs::RefusalFamily> families;
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    const bool plain = std::string(family.name).starts_with("absent");
    if (!family.held_out && !plain) families.push_back(family);
  }
  return families;
}

std::string Kind(const envs::RefusalFamily& family) { return std::string(Name(family.expect)) + " " + family.name; }

// What is said of the order it is about, and not only of its kind.
bool KeepsOrder(const envs::RefusalFamily& family) {
  static const std::array<std::string, 7> names{"prohibition",   "permission", "take_back", "question",
                                                "contradiction", "condition",  "report"};
  return std::find(names.begin(), names.end(), family.name) != names.end();
}

SaidTwice SayOrder(const envs::Order& order, const std::array<envs::Language, 2>& languages, bool spare, Rng& rng) {
  SaidTwice pair;
  pair.meaning = envs::ToText(order);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto say = rng.Chance(kFramed) ? envs::SayFramed : envs::Say;
    pair.texts[i] = say(order, languages[i], envs::Split::kTrain, rng, spare).text;
    pair.heard[i] = rng.Chance(kLoose) ? envs::SayLoosely(order, languages[i], envs::Split::kTaught, rng, spare).text
                                       : pair.texts[i];
    pair.heard[i] = Heard(pair.heard[i], languages[i], rng);
  }
  return pair;
}

// Two of the words that forbid something, or ask for it; one may be explained by another.
SaidTwice SaySpeech(const std::array<envs::Language, 2>& languages, Rng& rng) {
  const bool forbids = rng.Chance(0.5);
  SaidTwice pair;
  pair.meaning = std::string("word ") + Name(forbids ? Answer::kMustNot : Answer::kAct);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto word = [&] {
      return envs::Said(forbids ? envs::DrawWordOfForbidding(rng) : envs::DrawWordOfAsking(rng), languages[i]);
    };
    pair.texts[i] = word();
    pair.heard[i] = rng.Chance(0.5) ? envs::SayMeans(word(), pair.texts[i], languages[i], rng) : word();
  }
  return pair;
}

// What is done, explained in other words.
SaidTwice SayVerb(const std::array<envs::Language, 2>& languages, Rng& rng) {
  const envs::ExplainedWord verb = envs::DrawVerb(rng);
  SaidTwice pair;
  pair.meaning = "word " + verb.word.english;
  for (std::size_t i = 0; i < 2; ++i) {
    pair.texts[i] = pair.heard[i] = envs::Said(verb.word, languages[i]);
    if (rng.Chance(0.6))
      pair.heard[i] = envs::SayMeans(pair.texts[i], envs::Said(verb.meaning, languages[i]), languages[i], rng);
  }
  return pair;
}

SaidTwice SayEveryday(const std::array<envs::Language, 2>& languages, Rng& rng) {
  const envs::EverydayWord word = envs::DrawEverydayWord(rng);
  SaidTwice pair;
  pair.meaning = "word " + word.english;
  for (std::size_t i = 0; i < 2; ++i) pair.texts[i] = pair.heard[i] = envs::Said(word, languages[i]);
  return pair;
}

// "parts two red bolt" of "pick(two red bolt -> left bin)".
std::string PartsIn(const std::string& order) {
  const std::size_t first = order.find('(') + 1;
  return "parts " + order.substr(first, std::min(order.find(" ->"), order.find(')')) - first);
}

// A phrase alone, or what it means in words that everybody knows.
SaidTwice SayPhrase(const envs::Order& order, const std::array<envs::Language, 2>& languages, Rng& rng) {
  SaidTwice pair;
  const bool place = order.place != envs::PlaceWord::kNone && rng.Chance(0.3);
  pair.meaning = place ? std::string("bin ") + Name(order.place) : PartsIn(envs::ToText(order));
  for (std::size_t i = 0; i < 2; ++i) {
    const auto part = place ? envs::PhrasePart::kPlace : envs::PhrasePart::kObject;
    pair.texts[i] = envs::SayPhrase(order, part, languages[i], envs::Split::kTrain, rng);
    pair.heard[i] = envs::SayPhrase(order, part, languages[i], envs::Split::kTaught, rng);
    if (rng.Chance(0.3)) pair.heard[i] = envs::SayMeans(pair.heard[i], pair.texts[i], languages[i], rng);
  }
  return pair;
}

SaidTwice SayWords(const envs::Order& order, const std::array<envs::Language, 2>& languages, Rng& rng) {
  const double what = rng.Uniform();
  if (what < kSpeech) return SaySpeech(languages, rng);
  if (what < kSpeech + kVerbs) return SayVerb(languages, rng);
  return what < kSpeech + kVerbs + kEveryday ? SayEveryday(languages, rng) : SayPhrase(order, languages, rng);
}

SaidTwice SayNoOrder(const envs::RefusalFamily& family, const envs::EpisodePlan& plan,
                     const std::array<envs::Language, 2>& languages, Rng& rng) {
  SaidTwice pair;
  pair.meaning = Kind(family);
  if (KeepsOrder(family)) pair.meaning += " " + envs::ToText(plan.order);
  pair.paraphrases = family.expect == Answer::kMustNot && KeepsOrder(family);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto refusal = envs::SayRefusal(family, {plan.order, plan.parts}, languages[i], envs::Split::kTrain, rng,
                                          envs::Wording::kWide);
    if (!refusal) return SayOrder(plan.order, languages, false, rng);
    if (!refusal->about_order) pair.meaning = Kind(family);
    pair.texts[i] = refusal->text;
    pair.heard[i] = Heard(refusal->text, languages[i], rng);
  }
  return pair;
}

SaidTwice DrawPair(std::uint64_t seed, std::uint64_t number) {
  Rng rng(seed, number, "pretrain pair");
  const envs::Language first = rng.Chance(0.5) ? envs::Language::kJapanese : envs::Language::kEnglish;
  const std::array languages{first, rng.Chance(0.6) ? Other(first) : first};
  if (!rng.Chance(kRefusals)) {
    const envs::Order order = envs::Corpus(rng.NextU64(), 1).front().order;
    if (rng.Chance(kWords)) return SayWords(order, languages, rng);
    return SayOrder(order, languages, order.objects.count != envs::Count::kAll && rng.Chance(0.3), rng);
  }
  const bool pick = rng.Chance(0.7);
  const envs::Scene scene = envs::DrawScene(pick ? envs::Verb::kPick : envs::Verb::kReach,
                                            {.multi_share = pick ? 0.25 : 0}, seed, number, ToLearnFrom());
  return SayNoOrder(rng.Pick(Families()), scene.plan, languages, rng);
}

// Hiragana that comes at the ends of words, longest first: a vocabulary should have these, not whole endings.
const std::vector<std::string>& Endings() {
  static const std::vector<std::string> endings{
      "ください", "いただけ", "もらえ", "ほしい", "ません", "ました", "ましょう", "しない", "ないで",
      "ている",   "ない",     "ます",   "です",   "から",   "まで",   "って",     "んで",   "れる",
      "した",     "して",     "する",   "て",     "で",     "に",     "を",       "は",     "が",
      "へ",       "の",       "と",     "も",     "な",     "か",     "よ",       "ね"};
  return endings;
}

int ScriptOf(const std::string& character) {
  if (character.size() < 3) return 0;
  const int code = ((character[0] & 0x0F) << 12) | ((character[1] & 0x3F) << 6) | (character[2] & 0x3F);
  if (code >= 0x3041 && code <= 0x309F) return 1;
  if (code >= 0x30A0 && code <= 0x30FF) return 2;
  return code >= 0x4E00 && code <= 0x9FFF ? 3 : 4;
}

constexpr std::size_t kLongestWord = 15;  // [bytes] of Japanese; what is longer are several

// Where scripts change, and around endings: about what a reader sees as words.
std::vector<std::string> Pieces(const std::string& text) {
  std::vector<std::string> pieces;
  int script = -1;
  for (std::size_t at = 0; at < text.size();) {
    const auto ending = std::find_if(Endings().begin(), Endings().end(), [&](const std::string& candidate) {
      return text.compare(at, candidate.size(), candidate) == 0;
    });
    if (ending != Endings().end()) {
      pieces.push_back(*ending);
      at += ending->size();
      script = -1;
      continue;
    }
    const std::string character = text.substr(at, CharacterLength(text, at));
    if (const int own = ScriptOf(character); own != script || pieces.empty()) {
      pieces.push_back(character);
      script = own;
    } else {
      pieces.back() += character;
    }
    at += character.size();
  }
  return pieces;
}

void AddLines(const std::string& text, envs::Language language, std::vector<std::string>& lines) {
  if (text.empty() || text.find('\0') != std::string::npos) return;
  if (language == envs::Language::kEnglish) {
    lines.push_back(text);
    lines.push_back("=> " + text);
    return;
  }
  for (const std::string& word : envs::SplitWords(text)) {
    const std::vector<std::string> pieces = word.size() > kLongestWord ? Pieces(word) : std::vector{word};
    lines.insert(lines.end(), pieces.begin(), pieces.end());
  }
}

}  // namespace

std::vector<SaidTwice> DrawSaidTwice(std::uint64_t seed, std::uint64_t step, int pairs) {
  std::vector<SaidTwice> batch;
  for (std::uint64_t number = step << 20; static_cast<int>(batch.size()) < pairs; ++number) {
    SaidTwice pair = DrawPair(seed, number);
    const bool known = pair.paraphrases && std::any_of(batch.begin(), batch.end(), [&](const SaidTwice& other) {
                         return other.meaning == pair.meaning;
                       });
    if (!known) batch.push_back(std::move(pair));
  }
  return batch;
}

std::vector<std::string> TokenizerLines(std::uint64_t seed, int sentences) {
  std::vector<std::string> lines{"。", "、"};
  for (const envs::CorpusLine& line : envs::Corpus(seed, sentences)) {
    AddLines(line.text, line.language, lines);
    lines.push_back("=> " + envs::ToText(line.order));
  }
  for (int i = 0; i < sentences / 2; ++i) {
    const auto number = static_cast<std::uint64_t>(i);
    Rng rng(seed, number, "tokenizer lines");
    const envs::Scene scene = envs::DrawScene(envs::Verb::kPick, {}, seed, number, ToLearnFrom());
    const envs::RefusalFamily family = rng.Pick(Families());
    const envs::Language language = rng.Chance(0.5) ? envs::Language::kJapanese : envs::Language::kEnglish;
    const auto refusal = envs::SayRefusal(family, {scene.plan.order, scene.plan.parts}, language, envs::Split::kTrain,
                                          rng, envs::Wording::kWide);
    if (refusal) AddLines(refusal->text, language, lines);
    AddLines(envs::SayFramed(scene.plan.order, language, envs::Split::kTrain, rng).text, language, lines);
    AddLines(envs::Said(envs::DrawEverydayWord(rng), language), language, lines);
    AddLines(envs::Said(envs::DrawWordOfForbidding(rng), language), language, lines);
    AddLines(envs::Said(envs::DrawVerb(rng).word, language), language, lines);
    lines.push_back(std::string("=> ") + Name(family.expect) + " " + family.name);
  }
  return lines;
}

}  // namespace genba::trainer

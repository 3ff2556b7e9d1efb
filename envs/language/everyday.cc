// Words of everyday life in both languages (pieces/everyday.txt): what a language model has met and this cell does not
// have, and the words by which something is forbidden, asked for and done.
#include <array>

#include "core/error.h"
#include "envs/language/frame_pieces.h"

namespace genba::envs {

namespace {

std::vector<EverydayWord> Words(const std::string& section) {
  std::vector<EverydayWord> words;
  for (const std::vector<std::string>& fields : EverydaySections().at(section)) {
    GENBA_CHECK(fields.size() == 2, "a word in both languages");
    words.push_back({fields[0], fields[1]});
  }
  return words;
}

std::vector<ExplainedWord> Explained(const std::string& section) {
  std::vector<ExplainedWord> words;
  for (const std::vector<std::string>& fields : EverydaySections().at(section)) {
    GENBA_CHECK(fields.size() == 4, "a word and what it means, in both languages");
    words.push_back({{fields[0], fields[1]}, {fields[2], fields[3]}});
  }
  return words;
}

}  // namespace

const std::vector<EverydayWord>& EverydayThings() {
  static const std::vector<EverydayWord> words = Words("things");
  return words;
}

const std::vector<EverydayWord>& EverydayColours() {
  static const std::vector<EverydayWord> words = Words("colours");
  return words;
}

const std::vector<EverydayWord>& EverydayPlaces() {
  static const std::vector<EverydayWord> words = Words("places");
  return words;
}

EverydayWord DrawEverydayWord(Rng& rng) {
  const std::array<const std::vector<EverydayWord>*, 3> lists{&EverydayThings(), &EverydayColours(), &EverydayPlaces()};
  return rng.Pick(*lists[static_cast<std::size_t>(rng.Int(0, 2))]);
}

EverydayWord DrawWordOfForbidding(Rng& rng) {
  static const std::vector<EverydayWord> words = Words("forbidding");
  return rng.Pick(words);
}

EverydayWord DrawWordOfAsking(Rng& rng) {
  static const std::vector<EverydayWord> words = Words("asking");
  return rng.Pick(words);
}

ExplainedWord DrawVerb(Rng& rng) {
  static const std::vector<ExplainedWord> verbs = Explained("verbs");
  return rng.Pick(verbs);
}

const std::string& Said(const EverydayWord& word, Language language) {
  return language == Language::kEnglish ? word.english : word.japanese;
}

}  // namespace genba::envs

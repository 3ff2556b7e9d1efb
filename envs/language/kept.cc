// Patterns that only calibration and evaluation say, written by authors who had seen none of the others
// (pieces/held_out_*.txt): a section "prohibition.pick.evaluation" holds those of a family of refusals for one verb, or "both".
#include <algorithm>

#include "core/error.h"
#include "envs/language/frame_pieces.h"
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

struct Kept {
  std::string family, kind;
  Use use;
  Pieces patterns;
};

Use UseNamed(const std::string& name) {
  GENBA_CHECK(name == "evaluation" || name == "calibration", "what a section is for");
  return name == "evaluation" ? Use::kEvaluation : Use::kCalibration;
}

Kept KeptIn(const std::string& section, const std::vector<std::vector<std::string>>& entries) {
  const std::size_t kind = section.find('.'), use = section.rfind('.');
  GENBA_CHECK(kind < use && use != std::string::npos, "family.verb.use");
  Kept kept{section.substr(0, kind), section.substr(kind + 1, use - kind - 1), UseNamed(section.substr(use + 1)), {}};
  GENBA_CHECK(kept.kind == "both" || kept.kind == "pick" || kept.kind == "reach", "for one verb, or both");
  for (const std::vector<std::string>& fields : entries) {
    GENBA_CHECK(fields.size() == 1, "a pattern a line");
    kept.patterns.push_back(fields.front());
  }
  return kept;
}

// Read once: patterns point into it.
const std::vector<Kept>& KeptOf(Language language) {
  static const auto read = [](Language of) {
    std::vector<Kept> all;
    for (const auto& [section, entries] : KeptSections(of)) all.push_back(KeptIn(section, entries));
    return all;
  };
  static const std::vector<Kept> english = read(Language::kEnglish), japanese = read(Language::kJapanese);
  return language == Language::kEnglish ? english : japanese;
}

}  // namespace

void AddKeptPatterns(Language language, std::vector<FamilyPatterns>& families) {
  for (const Kept& kept : KeptOf(language)) {
    const auto family = std::find_if(families.begin(), families.end(), [&](const FamilyPatterns& patterns) {
      return kept.family == patterns.family;
    });
    GENBA_CHECK(family != families.end(), "a family of the grammar");
    PatternList& list = kept.kind == "both" ? family->both : kept.kind == "pick" ? family->pick : family->reach;
    for (const std::string& pattern : kept.patterns) list.push_back({pattern.c_str(), kept.use});
  }
}

}  // namespace genba::envs

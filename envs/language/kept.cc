// Patterns that only calibration and evaluation say, written by authors who had seen none of the others
// (pieces/held_out_*.txt): a section "prohibition.pick.evaluation" holds those of a family of refusals for one verb, or "both".
#include <algorithm>

#include "core/error.h"
#include "envs/language/frame_pieces.h"
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

Use UseNamed(const std::string& name) {
  GENBA_CHECK(name == "evaluation" || name == "calibration", "what a section is for");
  return name == "evaluation" ? Use::kEvaluation : Use::kCalibration;
}

PatternList& ListFor(FamilyPatterns& family, const std::string& verb) {
  GENBA_CHECK(verb == "both" || verb == "pick" || verb == "reach", "for one verb, or both");
  return verb == "both" ? family.both : verb == "pick" ? family.pick : family.reach;
}

}  // namespace

// The sections are read once and stay: patterns point into them.
void AddKeptPatterns(Language language, std::vector<FamilyPatterns>& families) {
  for (const auto& [section, entries] : KeptSections(language)) {
    const std::size_t verb = section.find('.'), use = section.rfind('.');
    GENBA_CHECK(verb < use && use != std::string::npos, "family.verb.use");
    const auto family = std::find_if(
        families.begin(), families.end(),
        [&, name = section.substr(0, verb)](const FamilyPatterns& patterns) { return name == patterns.family; });
    GENBA_CHECK(family != families.end(), "a family of the grammar");
    PatternList& list = ListFor(*family, section.substr(verb + 1, use - verb - 1));
    for (const std::vector<std::string>& fields : entries) {
      GENBA_CHECK(fields.size() == 1, "a pattern a line");
      list.push_back({fields.front().c_str(), UseNamed(section.substr(use + 1))});
    }
  }
}

}  // namespace genba::envs

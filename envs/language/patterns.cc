// Whole sentences with slots as authors wrote them, one a line: pieces/refusals_*.txt to learn from; pieces/held_out_*.txt,
// by authors who had seen none of the others, to calibrate and to evaluate. A section "prohibition.pick" holds those of a
// family of refusals for one verb, or "both"; "prohibition.pick.evaluation" those that nothing else may say;
// "orders.pick.evaluation" templates of orders.
#include <string>
#include <vector>

#include "core/error.h"
#include "envs/language/frame_pieces.h"
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

constexpr const char* kOrders = "orders";

struct PatternSection {
  std::string family, verb;
  Use use = Use::kTraining;
  Pieces lines, ids;  // "en.hp1": kept for evaluation, of picking
};

// Takes ".evaluation" or ".calibration" off the end of a name.
Use TakeUse(std::string& name) {
  for (const auto& [suffix, use] : {std::pair<std::string, Use>{".evaluation", Use::kEvaluation},
                                    std::pair<std::string, Use>{".calibration", Use::kCalibration}}) {
    if (!name.ends_with(suffix)) continue;
    name.resize(name.size() - suffix.size());
    return use;
  }
  return Use::kTraining;
}

PatternSection SectionNamed(std::string name, const std::vector<std::vector<std::string>>& entries, Language language) {
  PatternSection section;
  section.use = TakeUse(name);
  const std::size_t dot = name.rfind('.');
  GENBA_CHECK(dot != std::string::npos, "family.verb");
  section.family = name.substr(0, dot);
  section.verb = name.substr(dot + 1);
  GENBA_CHECK(section.verb == "both" || section.verb == "pick" || section.verb == "reach", "for one verb, or both");
  section.lines = LinesOf(entries);
  const std::string id = std::string(Name(language)) + "." + Mark(section.use) + section.verb.front();
  for (std::size_t i = 1; i <= section.lines.size(); ++i) section.ids.push_back(id + std::to_string(i));
  return section;
}

// Read once and kept: patterns and templates point into it.
const std::vector<PatternSection>& SectionsOf(Language language) {
  static const auto read = [](Language of) {
    std::vector<PatternSection> all;
    for (const auto& [name, entries] : PatternSections(of)) all.push_back(SectionNamed(name, entries, of));
    return all;
  };
  static const std::vector<PatternSection> english = read(Language::kEnglish), japanese = read(Language::kJapanese);
  return language == Language::kEnglish ? english : japanese;
}

FamilyPatterns& FamilyNamed(const std::string& name, std::vector<FamilyPatterns>& families) {
  for (FamilyPatterns& family : families) {
    if (name == family.family) return family;
  }
  for (const RefusalFamily& family : RefusalFamilies()) {
    if (name == family.name) return families.emplace_back(FamilyPatterns{family.name, {}, {}, {}});
  }
  GENBA_CHECK(false, "a section of patterns is of a family");
}

}  // namespace

void AddPatterns(Language language, std::vector<FamilyPatterns>& families) {
  for (const PatternSection& section : SectionsOf(language)) {
    if (section.family == kOrders) continue;
    FamilyPatterns& family = FamilyNamed(section.family, families);
    PatternList& list = section.verb == "both" ? family.both : section.verb == "pick" ? family.pick : family.reach;
    for (const std::string& line : section.lines) list.push_back({line.c_str(), section.use});
  }
}

std::vector<Template> WithKeptTemplates(Language language, const std::string& verb, std::vector<Template> templates) {
  for (const PatternSection& section : SectionsOf(language)) {
    if (section.family != kOrders || section.verb != verb) continue;
    for (std::size_t i = 0; i < section.lines.size(); ++i)
      templates.push_back({section.ids[i].c_str(), section.lines[i].c_str(), section.use, false});
  }
  return templates;
}

}  // namespace genba::envs

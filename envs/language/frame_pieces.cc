#include "envs/language/frame_pieces.h"

#include <algorithm>

#include "core/error.h"
#include "envs/language/pieces.h"  // made from pieces/*.txt by CMake

namespace genba::envs {

namespace {

std::vector<std::string> Fields(const std::string& line) {
  const std::string bar = " | ";
  std::vector<std::string> fields;
  std::size_t from = 0;
  for (std::size_t at = line.find(bar); at != std::string::npos; at = line.find(bar, from)) {
    fields.push_back(line.substr(from, at - from));
    from = at + bar.size();
  }
  fields.push_back(line.substr(from));
  return fields;
}

bool IsHeading(const std::string& line) { return line.size() > 2 && line.front() == '[' && line.back() == ']'; }

// A language has the sections it needs: Japanese has its excuses in front of an order among the extras.
Pieces Lines(const Sections& sections, const std::string& name) {
  Pieces lines;
  const auto section = sections.find(name);
  if (section == sections.end()) return lines;
  for (const std::vector<std::string>& fields : section->second) {
    GENBA_CHECK(fields.size() == 1, "one field a line");
    lines.push_back(fields.front());
  }
  return lines;
}

template <class T>
std::vector<T> Together(std::vector<T> some, const std::vector<T>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

std::vector<Deed> Deeds(const Sections& sections, const std::string& name, Language language) {
  std::vector<Deed> deeds;
  for (const std::vector<std::string>& f : sections.at(name)) {
    const bool english = language == Language::kEnglish;
    GENBA_CHECK(f.size() == (english ? 2u : 5u), "all forms of a deed");
    deeds.push_back(english ? Deed{f[0], f[1], "", "", "", ""} : Deed{f[0], "", f[1], f[2], f[3], f[4]});
  }
  return deeds;
}

// Of one verb: what is said of its parts and places, and what is said of a part whatever the verb.
std::array<Pieces, 3> Statements(const Sections& sections, const std::string& verb) {
  std::array<Pieces, 3> statements;
  const std::array<std::string, 3> speeches{"orders.", "prohibitions.", "questions."};
  for (std::size_t i = 0; i < speeches.size(); ++i)
    statements[i] = Together(Lines(sections, speeches[i] + verb), Lines(sections, speeches[i] + "parts"));
  return statements;
}

Impossible ImpossibleOf(const Sections& sections) {
  const auto of_both = [&](const std::string& name) {
    const Pieces both = Lines(sections, name + ".both");
    return std::array{Together(both, Lines(sections, name + ".pick")),
                      Together(both, Lines(sections, name + ".reach"))};
  };
  return {of_both("impossible.leads"), of_both("impossible.tails"), of_both("impossible.whole"),
          Lines(sections, "impossible.places"), Lines(sections, "impossible.kinds")};
}

FramePieces Read(const std::string& text, Language language) {
  const Sections sections = ParseSections(text);
  const auto lines = [&](const std::string& name) { return Lines(sections, name); };
  const std::vector<Deed> foreign = Deeds(sections, "foreign.parts", language);
  return {.deeds = {Deeds(sections, "deeds.pick", language), Deeds(sections, "deeds.reach", language)},
          .foreign_deeds = {Together(foreign, Deeds(sections, "foreign.bins", language)), foreign},
          .other_work = Deeds(sections, "other_work", language),
          .other_orders = lines("orders.other"),
          .manners = {lines("orders"), lines("prohibitions"), lines("questions")},
          .remarks = {lines("remarks.parts"), lines("remarks.bins"), lines("remarks.world")},
          .statements = {Statements(sections, "pick"), Statements(sections, "reach")},
          .extras = {lines("extras.order"), lines("extras.prohibition"), lines("extras.question")},
          .leads = lines("leads"),
          .impossible = ImpossibleOf(sections),
          .joined = lines("joined"),
          .halts = lines("halts"),
          .alarms = lines("alarms")};
}

}  // namespace

Sections ParseSections(const std::string& text) {
  Sections sections;
  std::string name;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string line = text.substr(from, end - from);
    from = end + 1;
    if (line.empty() || line.front() == '#') continue;
    if (IsHeading(line)) {
      name = line.substr(1, line.size() - 2);
      GENBA_CHECK(sections.try_emplace(name).second, "a section stands once");
      continue;
    }
    GENBA_CHECK(!name.empty(), "a line before the first section");
    sections[name].push_back(Fields(line));
  }
  return sections;
}

const FramePieces& PiecesOf(Language language) {
  static const FramePieces english = Read(kEnglishPieces, Language::kEnglish),
                           japanese = Read(kJapanesePieces, Language::kJapanese);
  return language == Language::kEnglish ? english : japanese;
}

const Sections& EverydaySections() {
  static const Sections sections = ParseSections(kEverydayPieces);
  return sections;
}

}  // namespace genba::envs

#include "envs/language/frame_pieces.h"

#include <algorithm>
#include <set>

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

template <class T>
std::vector<T> Together(std::vector<T> some, const std::vector<T>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

// One language's sections. It has those it needs (Japanese has its excuses in front of an order among the extras), and
// none that nobody asks for: a name misspelt would be a section lost.
class Book {
 public:
  Book(const std::string& text, Language language) : sections_(ParseSections(text)), language_(language) {}

  Pieces Lines(const std::string& name) { return LinesOf(Entries(name)); }

  std::vector<Deed> Deeds(const std::string& name) {
    const bool english = language_ == Language::kEnglish;
    std::vector<Deed> deeds;
    for (const std::vector<std::string>& f : Entries(name)) {
      GENBA_CHECK(f.size() == (english ? 2u : 5u), "all forms of a deed");
      deeds.push_back(english ? Deed{f[0], f[1], "", "", "", ""} : Deed{f[0], "", f[1], f[2], f[3], f[4]});
    }
    GENBA_CHECK(!deeds.empty(), "deeds in both languages");
    return deeds;
  }

  void CheckAllRead() const {
    for (const auto& [name, entries] : sections_)
      GENBA_CHECK(read_.contains(name), "a section of this name is asked for");
  }

 private:
  const std::vector<std::vector<std::string>>& Entries(const std::string& name) {
    static const std::vector<std::vector<std::string>> none;
    read_.insert(name);
    const auto section = sections_.find(name);
    return section == sections_.end() ? none : section->second;
  }

  const Sections sections_;
  const Language language_;
  std::set<std::string> read_;
};

// Of one verb: what is said of its parts and places, and what is said of a part whatever the verb.
std::array<Pieces, 3> Statements(Book& book, const std::string& verb) {
  std::array<Pieces, 3> statements;
  const std::array<std::string, 3> speeches{"orders.", "prohibitions.", "questions."};
  for (std::size_t i = 0; i < speeches.size(); ++i)
    statements[i] = Together(book.Lines(speeches[i] + verb), book.Lines(speeches[i] + "parts"));
  return statements;
}

Impossible ImpossibleOf(Book& book) {
  const auto of_both = [&](const std::string& name) {
    const Pieces both = book.Lines(name + ".both");
    return std::array{Together(both, book.Lines(name + ".pick")), Together(both, book.Lines(name + ".reach"))};
  };
  return {of_both("impossible.leads"), of_both("impossible.tails"), of_both("impossible.whole"),
          book.Lines("impossible.places"), book.Lines("impossible.kinds")};
}

FramePieces Read(const std::string& text, Language language) {
  Book book(text, language);
  const auto lines = [&](const std::string& name) { return book.Lines(name); };
  const std::vector<Deed> foreign = book.Deeds("foreign.parts");
  FramePieces pieces{.deeds = {book.Deeds("deeds.pick"), book.Deeds("deeds.reach")},
                     .foreign_deeds = {Together(foreign, book.Deeds("foreign.bins")), foreign},
                     .other_work = book.Deeds("other_work"),
                     .other_orders = lines("orders.other"),
                     .manners = {lines("orders"), lines("prohibitions"), lines("questions")},
                     .remarks = {lines("remarks.parts"), lines("remarks.bins"), lines("remarks.world")},
                     .statements = {Statements(book, "pick"), Statements(book, "reach")},
                     .extras = {lines("extras.order"), lines("extras.prohibition"), lines("extras.question")},
                     .leads = lines("leads"),
                     .impossible = ImpossibleOf(book),
                     .joined = lines("joined"),
                     .halts = lines("halts"),
                     .alarms = lines("alarms")};
  book.CheckAllRead();
  return pieces;
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

Pieces LinesOf(const std::vector<std::vector<std::string>>& entries) {
  Pieces lines;
  for (const std::vector<std::string>& fields : entries) {
    GENBA_CHECK(fields.size() == 1, "one field a line");
    lines.push_back(fields.front());
  }
  return lines;
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

const Sections& PatternSections(Language language) {
  static const auto read = [](const std::string& learned, const std::string& kept) {
    Sections sections = ParseSections(learned), more = ParseSections(kept);
    sections.merge(more);
    GENBA_CHECK(more.empty(), "a section stands in one file");
    return sections;
  };
  static const Sections english = read(kEnglishPatterns, kEnglishKept),
                        japanese = read(kJapanesePatterns, kJapaneseKept);
  return language == Language::kEnglish ? english : japanese;
}

}  // namespace genba::envs

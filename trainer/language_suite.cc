#include "trainer/language_suite.h"

#include <chrono>

#include "core/error.h"
#include "core/interrupt.h"
#include "envs/refusals.h"
#include "trainer/reading.h"

namespace genba::trainer {

namespace {

struct SuiteRow {
  const char* name;
  envs::Split split;
  double varied, slips;
};
constexpr std::array kRows{
    SuiteRow{"train", envs::Split::kTrain, 0, 0},   SuiteRow{"templates", envs::Split::kTemplates, 0, 0},
    SuiteRow{"taught", envs::Split::kTaught, 0, 0}, SuiteRow{"unseen", envs::Split::kUnseen, 0, 0},
    SuiteRow{"pairs", envs::Split::kPairs, 0, 0},   SuiteRow{"varied", envs::Split::kTrain, 1, 0},
    SuiteRow{"slips", envs::Split::kTrain, 0, 1}};

// What an order is made of; one may be of several kinds.
std::vector<std::string> KindsOf(const envs::Order& order) {
  const envs::ObjectSet& set = order.objects;
  std::vector<std::string> kinds;
  if (set.has_colour) kinds.emplace_back(set.negated_colour ? "except" : "colour");
  if (set.has_shape) kinds.emplace_back("shape");
  if (order.place != envs::PlaceWord::kNone) kinds.emplace_back("place");
  if (set.count == envs::Count::kAll) kinds.emplace_back("all");
  if (set.count == envs::Count::kTwo || set.count == envs::Count::kThree) kinds.emplace_back("count");
  return kinds;
}

void Count(bool exact, bool acted, ReadCount& count) {
  ++count.texts;
  count.exact += exact;
  count.acted += acted;
}

// What lies in the items' scenes, as rows of one buffer.
class Scenes {
 public:
  explicit Scenes(const std::vector<ReadingItem>& items) : rows_(static_cast<int>(items.size())) {
    for (const ReadingItem& item : items) numbers_.insert(numbers_.end(), item.obs.begin(), item.obs.end());
  }
  View2<const float> view() const {
    return {numbers_.data(), rows_, rows_ == 0 ? 0 : static_cast<int>(numbers_.size()) / rows_};
  }

 private:
  int rows_;
  std::vector<float> numbers_;
};

ReadAnswer AnswerTo(const ReadingItem& item, const std::string& row, const policies::GivenAnswer& given) {
  return {row, item.language, item.answer, given.answer, given.probability};
}

void TakeOrders(const std::string& row, const std::vector<ReadingItem>& items, const std::vector<ReadText>& read,
                LanguageResult& result) {
  ReadCount count;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool exact = Means(read[i].understood, items[i].order);
    const bool acted = read[i].heard.answer.answer == Answer::kAct;
    Count(exact, acted, count);
    result.answers.push_back(AnswerTo(items[i], row, read[i].heard.answer));
    if (row != kRows.front().name) continue;
    Count(exact, acted, result.by_language[envs::Name(items[i].language)]);
    for (const std::string& kind : KindsOf(items[i].order)) Count(exact, acted, result.by_kind[kind]);
  }
  result.by_split.emplace_back(row, count);
}

// Scenes that the family has nothing to say about are left out: an order was said there.
void HearFamily(Actor& actor, const std::string& family, ReadingDraw draw, LanguageResult& result) {
  draw.options.split = envs::Split::kTemplates;
  draw.options.negatives = 1;
  draw.options.families = {family};
  std::vector<ReadingItem> items = DrawReading(draw);
  std::erase_if(items, [](const ReadingItem& item) { return item.answer == Answer::kAct; });
  if (items.empty()) return;
  const std::vector<policies::Heard> heard = actor.Hear(Scenes(items).view(), TextsOf(items));
  for (std::size_t i = 0; i < items.size(); ++i) result.answers.push_back(AnswerTo(items[i], family, heard[i].answer));
}

}  // namespace

// Each text in its own scene and then in those of the catalogue, side by side, so that it is read once.
std::vector<ReadText> ReadTexts(Actor& actor, View2<const float> scenes, std::span<const std::string> texts) {
  const std::vector<std::vector<float>> catalogue = Catalogue(scenes.cols());
  std::vector<std::string> said;
  std::vector<float> rows;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto own = scenes.row(static_cast<int>(i));
    rows.insert(rows.end(), own.begin(), own.end());
    for (const std::vector<float>& scene : catalogue) rows.insert(rows.end(), scene.begin(), scene.end());
    said.insert(said.end(), 1 + catalogue.size(), texts[i]);
  }
  const std::vector<policies::Heard> heard =
      actor.Hear({rows.data(), static_cast<int>(said.size()), scenes.cols()}, said);
  std::vector<ReadText> read;
  for (std::size_t at = 0; at < heard.size(); at += 1 + catalogue.size()) {
    std::vector<std::vector<float>> about;  // in each scene of the catalogue
    for (std::size_t scene = 0; scene < catalogue.size(); ++scene) about.push_back(heard[at + 1 + scene].about);
    read.push_back({heard[at], UnderstoodFrom(about, static_cast<envs::Count>(heard[at].quantity))});
  }
  return read;
}

LanguageResult ReadSuite(Actor& actor, const ReadingDraw& of) {
  LanguageResult result;
  int read_texts = 0;
  double seconds = 0;
  for (const SuiteRow& row : kRows) {
    CheckInterrupt();
    ReadingDraw draw = of;
    draw.varied = row.varied, draw.slips = row.slips;
    draw.options.split = row.split;
    const std::vector<ReadingItem> items = DrawReading(draw);
    const auto start = std::chrono::steady_clock::now();
    const Scenes scenes(items);
    const auto read = ReadTexts(actor, scenes.view(), TextsOf(items));
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (read.empty()) throw BadInput({"eval", "--policy", "one that reads (a run or a checkpoint)", actor.name()});
    read_texts += of.items;
    TakeOrders(row.name, items, read, result);
  }
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    CheckInterrupt();
    HearFamily(actor, family.name, of, result);
  }
  result.texts_per_s = read_texts / seconds;
  return result;
}

}  // namespace genba::trainer

#include "trainer/baselines.h"

#include <algorithm>
#include <unordered_map>

#include "core/interrupt.h"
#include "envs/observation.h"
#include "trainer/spotter.h"

namespace genba::trainer {

namespace {

using Row = std::vector<float>;

// The field of parts begins with "present"; what a part is, is one number a colour, then one a shape.
int ColumnsBefore(const std::vector<FieldSpec>& fields, const std::string& name) {
  int columns = 0;
  for (const FieldSpec& field : fields) {
    if (field.name == name) break;
    columns += field.size();
  }
  return columns;
}

int OneHot(const float* from, int size) { return static_cast<int>(std::max_element(from, from + size) - from); }

std::vector<envs::ScenePart> PartsIn(const Row& obs) {
  static const std::vector<FieldSpec> fields = envs::ObservationFields();
  static const FieldSpec& parts =
      *std::find_if(fields.begin(), fields.end(), [](const FieldSpec& field) { return field.name == "parts"; });
  const float* slot = obs.data() + ColumnsBefore(fields, parts.name);
  std::vector<envs::ScenePart> present;
  for (int i = 0; i < parts.shape[0]; ++i, slot += parts.shape[1]) {
    const float* is = slot + parts.identity.front();
    if (slot[0] > 0)
      present.push_back({static_cast<envs::Colour>(OneHot(is, envs::kNumColours)),
                         static_cast<envs::Shape>(OneHot(is + envs::kNumColours, envs::kNumShapes))});
  }
  return present;
}

Verdict VerdictOf(const ReadingItem& item, const std::optional<envs::Order>& order, Answer answer) {
  return {order && envs::Differences(*order, item.order).empty(), answer == item.answer, answer == Answer::kAct};
}

template <class Reads>
std::vector<ProbeRow> Judged(const std::vector<JudgedTexts>& judged, Reads&& verdict_on) {
  std::vector<ProbeRow> rows;
  for (const JudgedTexts& texts : judged) {
    CheckInterrupt();
    rows.push_back({texts.name, texts.family, {}});
    for (const ReadingItem& item : texts.items) rows.back().verdicts.push_back(verdict_on(item));
  }
  return rows;
}

std::vector<ProbeRow> RowsOn(const ProbeTexts& texts, ProbeConfig config, const std::string& backbone) {
  config.features.backbone = backbone;
  const auto features = policies::MakeFeatureSource(config.features);
  return ProbeOn(texts, *features, config, "probe " + config.task + ", " + backbone).rows;
}

}  // namespace

std::vector<ProbeRow> SpotterRows(const std::vector<JudgedTexts>& judged) {
  return Judged(judged, [](const ReadingItem& item) {
    const Spotted spotted = Spot(item.text, item.order.verb, PartsIn(item.obs));
    return VerdictOf(item, spotted.order, spotted.answer);
  });
}

std::vector<ProbeRow> OneHotRows(const ProbeTexts& texts) {
  std::unordered_map<std::string, const ReadingItem*> said;
  for (const ReadingItem& item : texts.learned) said.try_emplace(item.text, &item);
  return Judged(texts.judged, [&](const ReadingItem& item) {
    const auto known = said.find(item.text);
    if (known == said.end()) return VerdictOf(item, std::nullopt, Answer::kNotUnderstood);
    const ReadingItem& meant = *known->second;
    return VerdictOf(item, meant.answer == Answer::kAct ? std::optional(meant.order) : std::nullopt, meant.answer);
  });
}

BaselineResult RunBaselines(const ProbeConfig& config) {
  const auto features = policies::MakeFeatureSource(config.features);
  const ProbeTexts texts = DrawProbeTexts(config);
  BaselineResult result{ProbeOn(texts, *features, config, "probe " + config.task), {}};
  result.baselines.push_back({"spotter", SpotterRows(texts.judged)});
  result.baselines.push_back({"one_hot", OneHotRows(texts)});
  for (const char* backbone : {"bag_of_words", "random"})
    result.baselines.push_back({backbone, RowsOn(texts, config, backbone)});
  return result;
}

}  // namespace genba::trainer

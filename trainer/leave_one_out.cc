#include "trainer/leave_one_out.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "core/error.h"
#include "envs/refusals.h"

namespace genba::trainer {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
const std::string kOrders = envs::Name(envs::Split::kTrain), kNewOrders = envs::Name(envs::Split::kTemplates);

struct Trainings {
  const ProbeConfig& config;
  const ProbeTexts texts;
  policies::FeatureSource& features;
  int done = 0, total = 0;
};

std::vector<envs::RefusalFamily> Families(bool held_out) {
  std::vector<envs::RefusalFamily> families;
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    if (family.held_out == held_out) families.push_back(family);
  }
  return families;
}

// Plain orders, and the rows of these families.
std::vector<JudgedTexts> RowsOf(const std::vector<JudgedTexts>& judged,
                                const std::vector<envs::RefusalFamily>& families) {
  std::vector<JudgedTexts> rows;
  for (const JudgedTexts& texts : judged) {
    const bool wanted = std::any_of(families.begin(), families.end(),
                                    [&](const envs::RefusalFamily& family) { return texts.family == family.name; });
    if (wanted || texts.name == kOrders || texts.name == kNewOrders) rows.push_back(texts);
  }
  return rows;
}

double Acted(const std::vector<ProbeRow>& rows, const std::string& name) {
  for (const ProbeRow& row : rows) {
    if (row.name == name) return Share(row, &Verdict::acted);
  }
  return kNothing;
}

LeftOut FiguresOf(const envs::RefusalFamily& family, const std::vector<ProbeRow>& rows) {
  const std::string name = family.name;
  ProbeRow all{name, name, {}};
  for (const ProbeRow& row : rows) {
    if (row.family == name) all.verdicts.insert(all.verdicts.end(), row.verdicts.begin(), row.verdicts.end());
  }
  return {name,
          family.held_out,
          static_cast<int>(all.verdicts.size()),
          Share(all, &Verdict::acted),
          Acted(rows, name),
          Acted(rows, name + " templates"),
          1 - Acted(rows, kOrders),
          1 - Acted(rows, kNewOrders)};
}

// One training without `left_out` ("": with all), judged by the families.
void Train(Trainings& trainings, const std::string& left_out, const std::vector<envs::RefusalFamily>& families,
           std::vector<LeftOut>& figures) {
  ProbeTexts texts = left_out.empty() ? trainings.texts : WithoutFamily(trainings.texts, left_out);
  texts.judged = RowsOf(trainings.texts.judged, families);
  const std::string count = std::to_string(++trainings.done) + "/" + std::to_string(trainings.total);
  const std::string label = "probe " + count + (left_out.empty() ? " with all" : " without " + left_out);
  const std::vector<ProbeRow> rows = ProbeOn(texts, trainings.features, trainings.config, label).rows;
  for (const envs::RefusalFamily& family : families) figures.push_back(FiguresOf(family, rows));
}

}  // namespace

LeaveOneOutResult RunLeaveOneOut(const ProbeConfig& config) {
  if (!config.leave_out.empty())
    throw BadInput(
        {"probe", "probe.leave_out", "nothing with --leave-one-out, which leaves out all in turn", config.leave_out});
  const auto start = std::chrono::steady_clock::now();
  const auto features = policies::MakeFeatureSource(config.features);
  const std::vector<envs::RefusalFamily> learned = Families(false), held_out = Families(true);
  Trainings trainings{config, DrawProbeTexts(config), *features, 0, static_cast<int>(learned.size()) + 1};
  LeaveOneOutResult result;
  for (const envs::RefusalFamily& family : learned) Train(trainings, family.name, {family}, result.families);
  Train(trainings, "", held_out, result.families);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

LeftOutSummary Summarise(const std::vector<LeftOut>& families, bool held_out) {
  std::vector<LeftOut> counted;
  for (const LeftOut& family : families) {
    if (family.held_out == held_out && family.items > 0) counted.push_back(family);
  }
  const auto mean = [&](double LeftOut::*what) {
    double sum = 0;
    for (const LeftOut& family : counted) sum += family.*what;
    return counted.empty() ? kNothing : sum / static_cast<double>(counted.size());
  };
  const auto worst = std::max_element(counted.begin(), counted.end(),
                                      [](const LeftOut& a, const LeftOut& b) { return a.acted < b.acted; });
  return {mean(&LeftOut::acted), counted.empty() ? kNothing : worst->acted, counted.empty() ? "" : worst->family,
          mean(&LeftOut::refused_train), mean(&LeftOut::refused_templates)};
}

}  // namespace genba::trainer

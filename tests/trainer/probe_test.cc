// Laws of the probe and its comparisons: the same settings give the same rows, whatever was probed before; a backbone
// differs from itself in nothing; a random network is a control that can be read, one that has lost its words is none.
#include "trainer/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/interrupt.h"
#include "envs/refusals.h"
#include "policies/decoder.h"
#include "tests/trainer/scratch.h"
#include "trainer/baselines.h"
#include "trainer/leave_one_out.h"
#include "trainer/probe_pair.h"

namespace genba::trainer {
namespace {

ProbeConfig Small() {
  ProbeConfig config;
  config.steps = 6;
  config.batch = 32;
  config.items = 200;
  config.calibration_texts = 100;
  config.judged = 6;
  config.width = 16;
  config.threads = 1;
  config.features.backbone = "bag_of_words";
  return config;
}

std::vector<bool> Bits(const ProbeRow& row) {
  std::vector<bool> bits;
  for (const Verdict& verdict : row.verdicts) bits.insert(bits.end(), {verdict.exact, verdict.answered, verdict.acted});
  return bits;
}

void ExpectSameRows(const std::vector<ProbeRow>& a, const std::vector<ProbeRow>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(Bits(a[i]), Bits(b[i])) << a[i].name;
}

TEST(Probe, ComparisonsProbeAsItDoesAlone) {
  const ProbeResult alone = RunProbe(Small());
  const PairResult pair = RunPair(Small(), "random");
  ExpectSameRows(alone.rows, pair.first.rows);
  const BaselineResult beside = RunBaselines(Small());
  ExpectSameRows(alone.rows, beside.probed.rows);
  ExpectSameRows(pair.second.rows, beside.baselines.back().rows);
  EXPECT_EQ(alone.calibration.temperature, beside.probed.calibration.temperature);
}

// What another threshold would give is what this one gives where they are the same, and the higher the fewer.
TEST(Probe, SharesAtOtherThresholdsAreThatOfItsOwn) {
  const ProbeResult result = RunProbe(Small());
  for (const ProbeRow& row : result.rows) {
    EXPECT_EQ(ShareActedAt(row, result.calibration.threshold), Share(row, &Verdict::acted)) << row.name;
    EXPECT_EQ(ShareActedAt(row, 0), 1);
    EXPECT_GE(ShareActedAt(row, 0.3), ShareActedAt(row, 0.7));
  }
}

TEST(Probe, ABackboneDiffersFromItselfInNothing) {
  const PairResult pair = RunPair(Small(), "bag_of_words");
  for (std::size_t i = 0; i < pair.differences.size(); ++i) {
    const RowDifference& row = pair.differences[i];
    EXPECT_EQ(row.exact.pairs == 0, !pair.first.rows[i].family.empty()) << row.name;  // of orders only
    EXPECT_EQ(row.answered.value, 0) << row.name;
    EXPECT_LT(row.answered.low, 0) << row.name;
    EXPECT_GT(row.answered.high, 0) << row.name;
  }
}

double Acted(const ProbeResult& result, const std::string& name) {
  const auto row = std::find_if(result.rows.begin(), result.rows.end(),
                                [&](const ProbeRow& candidate) { return candidate.name == name; });
  return row == result.rows.end() ? NAN : Share(*row, &Verdict::acted);
}

TEST(LeaveOneOut, AFamilysFiguresAreThoseOfAProbeWithoutIt) {
  ProbeConfig config = Small();
  const LeaveOneOutResult all = RunLeaveOneOut(config);
  ASSERT_EQ(all.families.size(), envs::RefusalFamilies().size());
  const auto noise = std::find_if(all.families.begin(), all.families.end(),
                                  [](const LeftOut& family) { return family.family == "noise"; });
  config.leave_out = "noise";
  const ProbeResult one = RunProbe(config);
  EXPECT_EQ(noise->acted_train, Acted(one, "noise"));
  EXPECT_EQ(noise->acted_templates, Acted(one, "noise templates"));
  EXPECT_EQ(noise->refused_templates, 1 - Acted(one, "templates"));
  EXPECT_THROW(RunLeaveOneOut(config), Error);  // which of the two would it be
}

TEST(LeaveOneOut, NothingOfTheFamilyIsLearnedFromAndNothingElseIsMissing) {
  const ProbeTexts all = DrawProbeTexts(Small()), without = WithoutFamily(all, "noise");
  std::vector<std::string> left;
  for (const ReadingItem& item : all.learned) {
    if (item.family != "noise") left.push_back(item.text);
  }
  EXPECT_EQ(TextsOf(without.learned), left);
  EXPECT_LT(left.size(), all.learned.size());
  EXPECT_LT(without.calibration.size(), all.calibration.size());
}

TEST(LeaveOneOut, TheSummaryIsOfOneKindAndOfWhatHasTexts) {
  const std::vector<LeftOut> families{{"a", false, 10, 0.2, 0, 0, 0.1, 0.2},
                                      {"b", false, 10, 0.6, 0, 0, 0.3, 0.4},
                                      {"c", false, 0, 1.0, 0, 0, 1.0, 1.0},
                                      {"held_out.d", true, 10, 0.9, 0, 0, 0.5, 0.5}};
  const LeftOutSummary summary = Summarise(families, false);
  EXPECT_DOUBLE_EQ(summary.acted, 0.4);
  EXPECT_EQ(summary.worst_family, "b");
  EXPECT_DOUBLE_EQ(summary.refused_templates, 0.3);
  EXPECT_TRUE(std::isnan(Summarise({}, true).worst));
}

TEST(LeaveOneOut, CanBeInterrupted) {
  RequestInterrupt();
  EXPECT_THROW(RunLeaveOneOut(Small()), InterruptedError);
  ClearInterrupt();
}

TEST(Baselines, ASentenceAsAnIdIsKnownOnlyWhenItWasSaid) {
  ProbeTexts texts = DrawProbeTexts(Small());
  texts.judged = {{"said", "", {}}, {"never", "", {}}};
  for (ReadingItem& item : texts.learned) {
    if (item.answer == Answer::kAct) texts.judged[0].items.push_back(item);
  }
  texts.judged[1].items = texts.judged[0].items;
  for (ReadingItem& item : texts.judged[1].items) item.text += " now";
  const std::vector<ProbeRow> rows = OneHotRows(texts);
  EXPECT_GT(Share(rows[0], &Verdict::exact), 0.99);
  EXPECT_EQ(Share(rows[1], &Verdict::exact), 0);
  EXPECT_EQ(Share(rows[1], &Verdict::acted), 0);
}

// What a spotter makes of the scene it finds in an observation.
TEST(Baselines, TheSpotterSeesTheParts) {
  ProbeConfig config = Small();
  config.judged = 50;
  for (const ProbeRow& row : SpotterRows(DrawProbeTexts(config).judged)) {
    const bool plain = row.name == "train", absent = row.name.starts_with("absent_object");
    EXPECT_TRUE(!plain || Share(row, &Verdict::exact) == 1);
    EXPECT_TRUE(!(plain || absent) || Share(row, &Verdict::answered) == 1) << row.name;
  }
}

// Orders in English, and nothing else.
ProbeTexts PlainOrders(const ProbeConfig& config) {
  ReadingDraw draw{config.task, config.seed, config.items, 0, 0, 0, 0, {}};
  draw.options.language = "en";
  draw.options.to_learn_from = true;
  ProbeTexts texts{DrawReading(draw), {}, {}};
  draw.seed = 900000;
  draw.items = config.judged;
  texts.judged.push_back({"train", "", DrawReading(draw)});
  return texts;
}

class RandomNetwork : public ScratchTest {
 protected:
  // The default backbone's shape with weights as training begins with them: what "random" once was.
  std::string Untrained() const {
    const std::filesystem::path from = policies::DefaultBackbone();
    for (const char* file : {"config.json", "tokenizer.model"}) std::filesystem::copy_file(from / file, folder_ / file);
    const policies::Decoder decoder(policies::ReadDecoderConfig(folder_ / "config.json"));
    policies::TensorFile tensors;
    decoder.layout().ToFile(decoder.layout().Initial(1), tensors);
    WriteSafetensors(folder_ / "model.safetensors", tensors);
    return folder_.string();
  }
};

TEST_F(RandomNetwork, CanBeReadUnlessItsWordsDrownInTheirContext) {
  ProbeConfig config = Small();
  config.steps = 300;
  config.batch = 64;
  config.items = 1500;
  config.judged = 200;
  config.width = 64;
  config.learning_rate = 4e-3;
  const ProbeTexts texts = PlainOrders(config);
  const auto exact = [&](const std::string& backbone) {
    config.features.backbone = backbone;
    config.features.low_layer = config.features.layer = config.features.high_layer = 4;  // where they drown
    const auto features = policies::MakeFeatureSource(config.features);
    return Share(ProbeOn(texts, *features, config, "test").rows.front(), &Verdict::exact);
  };
  const double random = exact("random"), drowned = exact(Untrained());
  EXPECT_GT(random, 0.3);
  EXPECT_LT(drowned, 0.05);
}

}  // namespace
}  // namespace genba::trainer

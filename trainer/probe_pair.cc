#include "trainer/probe_pair.h"

#include "core/error.h"

namespace genba::trainer {

namespace {

void Count(bool first, bool second, Pairs& counts) {
  ++(first ? second ? counts.both : counts.first : second ? counts.second : counts.neither);
}

RowDifference RowOf(const ProbeRow& first, const ProbeRow& second) {
  return {first.name, static_cast<int>(first.verdicts.size()), DifferenceOf(first, second, &Verdict::exact),
          DifferenceOf(first, second, &Verdict::answered)};
}

}  // namespace

Difference DifferenceOf(const ProbeRow& first, const ProbeRow& second, bool Verdict::*what) {
  GENBA_CHECK(first.verdicts.size() == second.verdicts.size(), "rows of the same texts");
  Pairs counts;
  const bool measured = what != &Verdict::exact || first.family.empty();
  for (std::size_t i = 0; measured && i < first.verdicts.size(); ++i)
    Count(first.verdicts[i].*what, second.verdicts[i].*what, counts);
  return PairedDifference(counts);
}

PairResult RunPair(const ProbeConfig& config, const std::string& against) {
  policies::FeatureConfig other = config.features;
  other.backbone = against;
  const auto first = policies::MakeFeatureSource(config.features), second = policies::MakeFeatureSource(other);
  const ProbeTexts texts = DrawProbeTexts(config);
  PairResult result{ProbeOn(texts, *first, config, "probe " + config.task + ", first"),
                    ProbeOn(texts, *second, config, "probe " + config.task + ", second"),
                    {}};
  for (std::size_t row = 0; row < result.first.rows.size(); ++row)
    result.differences.push_back(RowOf(result.first.rows[row], result.second.rows[row]));
  return result;
}

}  // namespace genba::trainer

#include "trainer/skipped_steps.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/log.h"

namespace genba::trainer {
namespace {

constexpr const char *kKey = "skipped_steps", *kTotal = "total", *kInARow = "in_a_row";

std::string OnRanks(const std::vector<int>& culprits, int ranks) {
  if (ranks == 1) return "";
  if (culprits.empty()) return " in the sum of all ranks";
  std::string text = culprits.size() == 1 ? " on rank " : " on ranks ";
  for (std::size_t i = 0; i < culprits.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(culprits[i]);
  return text + " of " + std::to_string(ranks);
}

}  // namespace

void SkippedSteps::Skipped(const std::string& where, const std::vector<int>& culprits, int ranks) {
  ++total_, ++in_a_row_;
  const std::string sentence = "the gradient is not finite" + OnRanks(culprits, ranks) + " at " + where;
  if (in_a_row_ >= limit_)
    throw Error(ErrorKind::kFailed,
                sentence + "; " + std::to_string(in_a_row_) + " in a row, which is what trainer.skips bears");
  if (tells_) LogWarning(sentence + "; skipped");
}

void SkippedSteps::Save(nlohmann::json& state) const { state[kKey] = {{kTotal, total_}, {kInARow, in_a_row_}}; }

void SkippedSteps::Restore(const nlohmann::json& state, std::int64_t step, const std::string& file) {
  if (!state.contains(kKey)) return;
  const nlohmann::json& counted = JsonObject(state, kKey, file);
  total_ = JsonInt(counted, kTotal, file, 0, step);
  in_a_row_ = JsonInt(counted, kInARow, file, 0, total_);
}

}  // namespace genba::trainer

// skipped_steps.h - steps that were skipped because the gradient was not finite: counted, told, and too many in a row end
// the run. Owned by a learner; one thread. Every rank has the same, because whether a step is skipped is known from the
// norm of everyone's gradient. Failure: Error(kFailed) naming step, ranks and whatever where says.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace genba::trainer {

class SkippedSteps {
 public:
  // limit: this many in a row end the run. tells: whether this rank warns of each.
  SkippedSteps(int limit, bool tells) : limit_(limit), tells_(tells) {}
  void Taken() { in_a_row_ = 0; }
  // where: "step 7 (…)". culprits: the ranks whose own gradient it was, of so many; empty: only their sum is not finite.
  void Skipped(const std::string& where, const std::vector<int>& culprits, int ranks);
  std::int64_t total() const { return total_; }

  // Into and out of a checkpoint's state. One that is from before there was a count has skipped nothing.
  void Save(nlohmann::json& state) const;
  void Restore(const nlohmann::json& state, std::int64_t step, const std::string& file);

 private:
  int limit_;
  bool tells_;
  std::int64_t total_ = 0, in_a_row_ = 0;
};

}  // namespace genba::trainer

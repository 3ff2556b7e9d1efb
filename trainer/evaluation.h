// evaluation.h - what an evaluation says: JSON for machines (design.md, `eval`), a table for people, and the file a run
// keeps it in. Pure. Law: everything but "provenance" is the same bytes for the same input, whatever the machine and
// the time; what was not measured is null and "–", never 0.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "trainer/evaluate.h"
#include "trainer/interval.h"

namespace genba::trainer {

nlohmann::json ToJson(const Evaluation& evaluation);
// One from a file, perhaps somebody else's; text: of it. Error(kBadInput) where a reader of it would stumble: success is an
// object, failures are counts, episodes_played are objects of plain values; what is not measured is null or missing.
nlohmann::json EvaluationFromText(const std::string& text, const std::string& file);
inline constexpr std::size_t kLongestEvaluation = std::size_t{256} << 20;  // [bytes]
std::string ToTable(const Evaluation& evaluation);
std::optional<double> SuccessRate(const Evaluation& evaluation);  // of the nominal row

// "TASK-SEED-<8 hex digits>.json": the digits are of everything that changes the result, so that two evaluations share
// a name only when they are the same one.
std::string FileName(const Evaluation& evaluation);
// Keeps it in the run's eval folder. The run is a second copy: what goes wrong is a warning.
void KeepInRun(const Evaluation& evaluation);

}  // namespace genba::trainer

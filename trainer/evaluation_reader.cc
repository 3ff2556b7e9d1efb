// Evaluations that come back from a file.
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "trainer/evaluation.h"
#include "trainer/reliability.h"

namespace genba::trainer {

namespace {

using Json = nlohmann::json;

bool Has(const Json& object, const std::string& key) { return object.contains(key) && !object[key].is_null(); }

void CheckTexts(const Json& object, std::initializer_list<const char*> keys, const std::string& file) {
  for (const char* key : keys) {
    if (Has(object, key)) JsonText(object, key, file);
  }
}

void CheckObjects(const Json& list, const std::string& key, const std::string& file) {
  for (const Json& item : JsonArray(list, key, file)) {
    if (!item.is_object()) throw BadInput({file, key, "objects", Shown(item)});
  }
}

// What the suite "language" found.
void CheckReading(const Json& reading, const std::string& file) {
  CheckObjects(reading, "answers", file);
  JsonObject(reading, "refused", file);
  for (const auto& [name, calibration] : JsonObject(reading, "calibration", file).items())
    ReliabilityFromJson(calibration, file + ": calibration of " + name);
}

void CheckPlayed(const Json& episode, const std::string& file) {
  if (!episode.is_object()) throw BadInput({file, "episodes_played", "objects", Shown(episode)});
  CheckTexts(episode, {"row", "order", "text", "cause"}, file);
  if (Has(episode, "episode")) JsonUint(episode, "episode", file);
  if (Has(episode, "success")) JsonBool(episode, "success", file);
}

}  // namespace

Json EvaluationFromText(const std::string& text, const std::string& file) {
  Json evaluation = ParseJson(text, file, {.bytes = kLongestEvaluation, .values = std::size_t{1} << 24});
  JsonObject(evaluation, "success", file);
  CheckTexts(evaluation, {"task", "policy", "revision"}, file);
  for (const char* key : {"seed", "episodes"}) {
    if (Has(evaluation, key)) JsonUint(evaluation, key, file);
  }
  for (const char* key : {"by_language", "by_split", "probes", "robustness", "options", "cycle_time_s", "peak_force_N",
                          "failures", "languages", "exact", "reading"}) {
    if (Has(evaluation, key)) JsonObject(evaluation, key, file);
  }
  if (Has(evaluation, "failures")) {
    for (const auto& [cause, count] : evaluation["failures"].items()) JsonUint(evaluation["failures"], cause, file);
  }
  if (Has(evaluation, "episodes_played")) {
    for (const Json& episode : JsonArray(evaluation, "episodes_played", file)) CheckPlayed(episode, file);
  }
  if (Has(evaluation, "answers_by_row")) CheckObjects(evaluation, "answers_by_row", file);
  if (Has(evaluation, "reading")) CheckReading(evaluation["reading"], file);
  return evaluation;
}

}  // namespace genba::trainer

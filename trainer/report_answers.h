// report_answers.h - the report's sections about listening: what was answered and what moved, counterfactuals by aspect, the
// two languages over the same scenes, and what the suite "language" found, with its reliability plots. HTML of an evaluation
// that EvaluationFromText has looked over; empty where it says nothing of it. Pure; the inside of report.cc.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace genba::trainer::report {

std::string AnswersSection(const nlohmann::json& eval);
std::string AspectRows(const nlohmann::json& counterfactual);  // rows of a RateTable
std::string LanguagesNote(const nlohmann::json& eval);
// Of an evaluation that read and played nothing.
bool HasReading(const nlohmann::json& eval);
std::string ReadingSections(const nlohmann::json& eval);

}  // namespace genba::trainer::report

// report_parts.h - what the report's sections have in common: looking into an evaluation that anybody may have written, and
// tables of rates. Pure functions; the inside of the report. What was not measured is null or missing, and
// is shown as a dash; what is of another type counts as missing.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace genba::trainer::report {

using Measured = std::optional<double>;

Measured NumberAt(const nlohmann::json& object, const std::string& key);
nlohmann::json ObjectAt(const nlohmann::json& object, const std::string& key);  // empty: there is none
nlohmann::json ListAt(const nlohmann::json& object, const std::string& key);
std::string TextAt(const nlohmann::json& object, const std::string& key);

std::string Shown(const Measured& value, int decimals, const std::string& unit);
std::string Share(const Measured& value);
std::string Share(const Measured& part, const Measured& whole);
std::string Ratio(const nlohmann::json& rate);  // "0.97 of nominal"

// "reach, seed 1, suite robustness": what an evaluation was over, as HTML.
std::string ScenesOf(const nlohmann::json& eval);

std::string TextCell(const std::string& text);  // is escaped
std::string NumberCell(const std::string& text);
// rate: {rate, low, high}; note is HTML.
std::string RateRow(const std::string& name, const nlohmann::json& rate, const std::string& note);
std::string RateTable(const std::string& what, const std::string& rows, const std::string& rate = "success");

}  // namespace genba::trainer::report

#include "trainer/report_parts.h"

#include <nlohmann/json.hpp>

#include "trainer/report_svg.h"

namespace genba::trainer::report {

using nlohmann::json;

Measured NumberAt(const json& object, const std::string& key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_number()) return std::nullopt;
  return object[key].get<double>();
}

json ObjectAt(const json& object, const std::string& key) {
  return object.contains(key) && object[key].is_object() ? object[key] : json::object();
}

json ListAt(const json& object, const std::string& key) {
  return object.contains(key) && object[key].is_array() ? object[key] : json::array();
}

std::string TextAt(const json& object, const std::string& key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

std::string Shown(const Measured& value, int decimals, const std::string& unit) {
  return value ? Fixed(*value, decimals) + unit : "–";
}

std::string Share(const Measured& value) { return value ? Percent(*value) : "–"; }

std::string Share(const Measured& part, const Measured& whole) {
  return part && whole && *whole > 0 ? Percent(*part / *whole) : "–";
}

std::string Ratio(const json& rate) { return Shown(NumberAt(rate, "ratio"), 2, " of nominal"); }

std::string ScenesOf(const json& eval) {
  const std::string suite = TextAt(ObjectAt(eval, "options"), "suite");
  return Escaped(TextAt(eval, "task")) + ", seed " + eval.value("seed", json(0)).dump() +
         (suite.empty() ? "" : ", suite " + Escaped(suite));
}

std::string TextCell(const std::string& text) { return "<td>" + Escaped(text) + "</td>"; }
std::string NumberCell(const std::string& text) { return "<td class=\"n\">" + text + "</td>"; }

std::string RateRow(const std::string& name, const json& rate, const std::string& note) {
  const Measured value = NumberAt(rate, "rate"), low = NumberAt(rate, "low"), high = NumberAt(rate, "high");
  return "<tr>" + TextCell(name) + NumberCell(Share(value)) + "<td>" +
         (value ? RateBar(*value, low.value_or(*value), high.value_or(*value)) : "") + "</td>" +
         NumberCell(Share(low) + " – " + Share(high)) + "<td class=\"note\">" + note + "</td></tr>";
}

std::string RateTable(const std::string& what, const std::string& rows, const std::string& rate) {
  return "<table class=\"rates\"><tr><th>" + what + "</th><th>" + rate +
         "</th><th></th><th>Wilson 95 %</th><th></th></tr>" + rows + "</table>";
}

}  // namespace genba::trainer::report

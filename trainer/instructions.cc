#include "trainer/instructions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/json.h"
#include "core/log.h"

namespace genba::trainer {

namespace {

constexpr std::size_t kMaxLine = 64 << 10;
constexpr std::size_t kMaxText = 4 << 10;  // bytes of a sentence
constexpr std::size_t kWarnings = 10;      // bad lines that are named one by one

std::string CanonicalOrder(const nlohmann::json& json, const std::string& place, envs::Verb verb) {
  const char* key = json.contains("order") ? "order" : "frame";
  if (!json.contains(key)) return "";
  const envs::Order order = envs::OrderFromText(JsonText(json, key, place), place);
  if (order.verb != verb)
    throw BadInput({place, key, std::string("an order to ") + envs::Name(verb), envs::ToText(order)});
  return envs::ToText(order);
}

Instruction ParseLine(const std::string& line, const std::string& place, envs::Verb verb) {
  const nlohmann::json json = ParseJson(line, place, {.depth = 4, .bytes = kMaxLine, .values = 100});
  CheckKeys(json, {"text", "order", "frame", "lang", "expect", "family"}, place);
  Instruction instruction;
  instruction.text = JsonText(json, "text", place, kMaxText);
  instruction.order = CanonicalOrder(json, place, verb);
  if (json.contains("lang")) {
    const std::string language = JsonText(json, "lang", place);
    if (language != "en" && language != "ja") throw BadInput({place, "lang", "en | ja", language});
    instruction.language = language == "ja" ? envs::Language::kJapanese : envs::Language::kEnglish;
  }
  if (json.contains("expect")) instruction.expect = AnswerFromName(JsonText(json, "expect", place), place, "expect");
  if (json.contains("family")) instruction.family = JsonText(json, "family", place, 200);
  const bool filled = instruction.text.find("{part}") != std::string::npos;  // with what the scene's order is about
  if (instruction.order.empty() && instruction.expect == Answer::kAct && !filled)
    throw BadInput(
        {place, "order", "what the sentence means, {part} in it, or an expect that is not \"act\"", "nothing"});
  return instruction;
}

void WarnOf(const std::string& file, const std::vector<std::string>& problems) {
  for (std::size_t i = 0; i < std::min(problems.size(), kWarnings); ++i)
    LogWarning(problems[i] + "; the line is left out");
  if (problems.size() > kWarnings)
    LogWarning(file + ": " + std::to_string(problems.size()) + " lines are left out in all");
}

}  // namespace

std::vector<Instruction> ReadInstructions(const std::string& text, const std::string& file, envs::Verb verb) {
  std::vector<Instruction> instructions;
  std::istringstream lines(text);
  std::string line;
  std::vector<std::string> problems;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      instructions.push_back(ParseLine(line, file + ":" + std::to_string(number), verb));
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
  }
  if (instructions.empty())
    throw BadInput({file, "", "at least one instruction for this task", problems.empty() ? "none" : problems.front()});
  WarnOf(file, problems);
  return instructions;
}

}  // namespace genba::trainer

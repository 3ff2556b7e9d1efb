#include "cli/arguments.h"

#include <algorithm>

#include "core/error.h"
#include "core/nearest.h"

namespace genba::cli {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kJson = "--json";

std::vector<const CLI::App*> Subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool IsOption(const std::string& word) { return word.size() > 1 && word[0] == '-'; }
// "-3" is a value or a text, never an option: none is named by a digit.
bool IsNumber(const std::string& word) {
  return word.size() > 1 && word[0] == '-' &&
         (std::isdigit(static_cast<unsigned char>(word[1])) != 0 || word[1] == '.');
}

const CLI::Option& OptionOf(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  if (const CLI::Option* option = app.get_option_no_throw(name)) return *option;
  Words known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
  }
  throw BadInput({name, "", NearestOrAll(name, known), "an unknown option"});
}

const CLI::App& CommandOf(const CLI::App& app, const std::string& word) {
  Words known;
  for (const CLI::App* command : Subcommands(app)) {
    if (command->get_name() == word) return *command;
    known.push_back(command->get_name());
  }
  throw BadInput({word, "", NearestOrAll(word, known), "an unknown command"});
}

// The words of a command, told apart.
struct Sorted {
  std::size_t num_bare = 0;
  std::vector<std::size_t> json;  // where --json stands without a value
};

Sorted Sort(const CLI::App& command, const Words& words, std::size_t at) {
  Sorted sorted;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      sorted.num_bare += words.size() - at - 1;
      break;
    }
    if (!IsOption(word) || IsNumber(word)) {
      ++sorted.num_bare;
      continue;
    }
    const CLI::Option& option = OptionOf(command, word);
    if (word == kJson) {
      sorted.json.push_back(at);
    } else if (option.get_items_expected_max() > 0 && word.find('=') == std::string::npos) {
      ++at;  // its value
      if (at < words.size() && words[at].starts_with("--") && command.get_option_no_throw(words[at]) != nullptr)
        throw BadInput({word, "", "a value", words[at]});
    }
  }
  return sorted;
}

std::size_t Places(const CLI::App& command) {
  std::size_t places = 0;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) places += static_cast<std::size_t>(option->get_items_expected_max());
  }
  return places;
}

bool IsJsonFile(const std::string& word, std::size_t num_bare, std::size_t places) {
  if (word == "-") return true;
  if (IsOption(word)) return false;
  const bool any_number = places >= static_cast<std::size_t>(CLI::detail::expected_max_vector_size);
  return any_number ? word.ends_with(".json") : num_bare > places;
}

}  // namespace

Words MakeUnambiguous(const CLI::App& app, const Words& words) {
  const CLI::App* command = &app;
  std::size_t at = 0;
  for (; at < words.size() && !Subcommands(*command).empty() && !IsOption(words[at]); ++at)
    command = &CommandOf(*command, words[at]);
  const Sorted sorted = Sort(*command, words, at);
  const std::size_t places = Places(*command);
  Words clear;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::find(sorted.json.begin(), sorted.json.end(), i) == sorted.json.end()) {
      clear.push_back(words[i]);
    } else if (i + 1 < words.size() && IsJsonFile(words[i + 1], sorted.num_bare, places)) {
      clear.push_back(std::string(kJson) + "=" + words[++i]);
    } else {
      clear.push_back(std::string(kJson) + "=-");
    }
  }
  return clear;
}

}  // namespace genba::cli

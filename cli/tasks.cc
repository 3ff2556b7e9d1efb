// genba tasks: what can be trained here, with example instructions, and how orders are written.
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/error.h"
#include "envs/vec_env.h"

namespace genba::cli {

namespace {

struct Options {
  std::string orders;
  JsonOption json;
};

void PrintTask(const nlohmann::json& task) {
  std::cout << task["name"].get<std::string>() << "  -  " << task["description"].get<std::string>() << "\n";
  std::cout << "  robots: " << task["robots"].dump() << "; " << task["control_hz"].get<double>() << " Hz; horizon "
            << task["horizon"].get<int>() << " steps\n";
  std::cout << "  action [" << task["action_dim"].get<int>() << "]: " << task["action"].get<std::string>() << "\n";
  for (const auto& field : task["observation"])
    std::cout << "  observation " << field["name"].get<std::string>() << " " << field["shape"].dump() << "  "
              << field["unit"].get<std::string>() << "\n";
  for (const char* language : {"en", "ja"}) {
    for (const auto& text : task["examples"][language])
      std::cout << "    " << language << "  " << text.get<std::string>() << "\n";
  }
  std::cout << "\n";
}

void Run(const Options& options) {
  if (!options.orders.empty()) {
    envs::SpecOf(options.orders);  // refuses an unknown task
    std::cout << envs::OrderSyntax() << "\n";
    return;
  }
  nlohmann::json tasks = nlohmann::json::array();
  for (const std::string& name : envs::TaskNames()) tasks.push_back(envs::DescribeTask(name));
  options.json.Answer(tasks, [&] {
    for (const auto& task : tasks) PrintTask(task);
    std::cout << "policies: expert, random, zero, or a run folder\n";
  });
}

}  // namespace

void AddTasks(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("tasks", "List tasks, robots and instruction examples");
  command->add_option("--orders", options->orders, "print how the orders of this task are written (for --instructions)")
      ->type_name("TASK");
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli

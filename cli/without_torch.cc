// The commands that learn or read a backbone, in a build without LibTorch: they say so and touch nothing.
#include "cli/commands.h"
#include "core/error.h"

namespace genba::cli {
namespace {

void AddRefusal(CLI::App& app, const std::string& name) {
  CLI::App* command = app.add_subcommand(name, "Not in this build: it was made without LibTorch");
  command->allow_extras();
  command->callback([name] {
    throw BadInput({"genba " + name, "build", "one with LibTorch (GENBA_TORCH=ON)", "one without"});
  });
}

}  // namespace

void AddTrain(CLI::App& app) { AddRefusal(app, "train"); }
void AddPretrain(CLI::App& app) { AddRefusal(app, "pretrain"); }
void AddEmbed(CLI::App& app) { AddRefusal(app, "embed"); }
void AddProbe(CLI::App& app) { AddRefusal(app, "probe"); }
void AddBenchComm(CLI::App& bench) { AddRefusal(bench, "comm"); }
void AddBenchPpo(CLI::App& bench) { AddRefusal(bench, "ppo"); }

}  // namespace genba::cli

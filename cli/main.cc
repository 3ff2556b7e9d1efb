// genba - one program, one small file per subcommand.
// Exit codes: 0 done, 1 the work failed, 2 bad input, 3 environment (disk, memory, GPU, rank).
#include <cstdio>
#include <exception>
#include <new>

#include "cli/commands.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/version.h"

namespace {

int Run(int argc, char** argv) {
  CLI::App app("genba - train robot cells in simulation, ask the policy, trust it");
  app.set_version_flag("--version", std::string(genba::Version()) + " (" + genba::Revision() + ")");
  app.require_subcommand(1);
  using namespace genba::cli;
  for (auto* add : {AddTasks, AddCollect, AddTrain, AddEval, AddReplay, AddData, AddView, AddRender, AddPretrain,
                    AddEmbed, AddBench, AddReport}) {
    add(app);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  genba::CatchInterrupts();
  try {
    return Run(argc, argv);
  } catch (const genba::Error& error) {
    std::fprintf(stderr, "genba: %s\n", error.what());
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "genba: out of memory\n");
    return 3;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "genba: internal error: %s\n", error.what());
    return 1;
  }
}

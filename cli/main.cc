// genba - one program, one small file per subcommand.
// Exit codes: 0 done, 1 the work failed, 2 bad input, 3 environment (disk, memory, GPU, rank, lost output),
// 130 and 143 stopped by Ctrl-C and SIGTERM.
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <system_error>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/version.h"
#include "trainer/ranks/local_ranks.h"

namespace {

using namespace genba::cli;

// CLI11's sentence in one line, and where to read on.
genba::Error Misuse(const CLI::ParseError& error) {
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return genba::BadInput({text + " (--help tells more)", "", "", ""});
}

// An option that may be repeated takes one value each time, never the words behind it as well; and CLI11 shall not take a
// text in brackets for a list.
void TakeOneValueEach(CLI::App& app) {
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) option->allow_extra_args(false);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) TakeOneValueEach(*command);
}

void Run(int argc, char** argv) {
  CLI::App app("genba - train robot cells in simulation, ask the policy, trust it", "genba");
  app.set_version_flag("--version", std::string(genba::Version()) + " (" + genba::Revision() + ")");
  app.require_subcommand(1);
  for (auto* add : {AddTasks, AddCollect, AddTrain, AddEval, AddReplay, AddData, AddView, AddRender, AddPretrain,
                    AddEmbed, AddAsk, AddProbe, AddBench, AddReport, AddDiff}) {
    add(app);
  }
  TakeOneValueEach(app);
  std::vector<std::string> words = MakeUnambiguous(app, {argv + 1, argv + argc});
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw Misuse(error);
    app.exit(error);  // --help, --version
  }
  FinishOutput();
}

// The sentence on standard error, and the exit code; what fails because of a signal is told as stopped by it.
int Say(const std::string& sentence, int exit_code) {
  const int signal = genba::InterruptSignal();
  std::fprintf(stderr, "genba: %s\n", sentence.c_str());
  return signal != 0 ? 128 + signal : exit_code;
}

// A closed standard descriptor would be given to the next file that is opened, and what is printed would end in it.
// Held open for reading, writing to it fails, as it should.
void HoldStandardDescriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);  // gets the lowest free number, this one
  }
}

// What a command ends with.
template <class Work>
int ExitCode(Work work) {
  try {
    work();
    return 0;
  } catch (const genba::Error& error) {
    return Say(error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    return Say("out of memory", 3);
  } catch (const std::filesystem::filesystem_error& error) {
    const std::string path = error.path1().empty() ? error.what() : error.path1().string();
    return Say(genba::SystemError("use", path, error.code().value()).what(), 3);
  } catch (const std::system_error& error) {
    return Say(error.what(), 3);
  } catch (const std::exception& error) {
    return Say(std::string("internal error: ") + error.what(), 1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  HoldStandardDescriptors();
  ::prctl(PR_SET_NAME, "genba");  // in a bundle it would be the loader's: ps and killall look for ours
  genba::CatchInterrupts();
  std::optional<genba::trainer::LocalRank> local;  // of this process, if our own launcher started it
  const int code = ExitCode([&] {
    local.emplace();
    Run(argc, argv);
  });
  return local ? local->Ended(code) : code;
}

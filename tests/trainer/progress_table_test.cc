#include "trainer/progress_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "core/progress.h"
#include "core/terminal.h"

namespace genba::trainer {
namespace {

TableState State() {
  TableState state{"train ppo", 25, 100, 50, 0.5, {}, {}};
  state.measured = {{"Episode_Reward/distance", -12.3456789},
                    {"Episode_Termination/success", 0.25},
                    {"Loss/policy", -1.25e-7},
                    {"Train/mean_reward", 1e20}};
  state.timing = {{"Perf/total_fps", 1234.5}, {"Perf/collection_time", 1.5}, {"Perf/physics_s", 1}};
  return state;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(ProgressTable, SaysHowFarAndWhatWasMeasured) {
  const std::string table = Joined(ProgressTable(State(), 100));
  for (const char* said :
       {"train ppo, step 25/100, 0:50, ETA 2:30", "Episode_Reward/distance", "-12.35", "1234", "1e+20"})
    EXPECT_NE(table.find(said), std::string::npos) << said << "\n" << table;
  EXPECT_EQ(table.find("physics"), std::string::npos) << "phases are for the event file";
}

TEST(ProgressTable, FitsEveryTerminal) {
  for (int columns = 20; columns < 200; ++columns) {
    for (const std::string& line : ProgressTable(State(), columns)) EXPECT_LE(DisplayWidth(line), columns) << line;
  }
  // The control: where there is room it is taken, so that the table is as low as can be.
  EXPECT_GT(ProgressTable(State(), 50).size(), ProgressTable(State(), 150).size());
}

TEST(ProgressTable, NoEtaBeforeAStepAndBehindTheLast) {
  TableState state = State();
  state.rate = 0;  // nothing done yet
  EXPECT_EQ(ProgressTable(state, 100).front().find("ETA"), std::string::npos);
  state.rate = 0.5, state.step = state.steps;
  EXPECT_EQ(ProgressTable(state, 100).front().find("ETA"), std::string::npos);
}

// What work writes to standard error, on a terminal of so many columns.
template <class Work>
std::string OnATerminal(unsigned short columns, const Work& work) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) return "";
  const int inside = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY), before = ::dup(STDERR_FILENO);
  const winsize size{24, columns, 0, 0};
  ::ioctl(inside, TIOCSWINSZ, &size);
  ::setenv("TERM", "xterm", 1);
  ::dup2(inside, STDERR_FILENO);
  work();
  ::dup2(before, STDERR_FILENO);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(terminal, text.data(), text.size()))));
  for (const int descriptor : {terminal, inside, before}) ::close(descriptor);
  return text;
}

TEST(ProgressTable, StandsAboveTheBarOfATerminalAndNeverWraps) {
  const std::string text = OnATerminal(40, [] {
    Progress progress("train ppo", "steps", 100);
    progress.Update(25);
    progress.PrintAbove(ProgressTable(State(), progress.columns()));
  });
  ASSERT_NE(text.find("Loss/policy"), std::string::npos) << text;
  EXPECT_GT(text.find("25/100 steps"), text.find("Loss/policy")) << "the bar is drawn again below";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, '\n');) {
    const std::size_t end = line.find_last_of("\033");  // what is drawn over what was there
    const std::string shown = end == std::string::npos ? line : line.substr(end + 3);
    EXPECT_LT(DisplayWidth(shown.substr(0, shown.find('\r'))), 40) << shown;
  }
}

}  // namespace
}  // namespace genba::trainer

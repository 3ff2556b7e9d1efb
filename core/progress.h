// progress.h - how far a long job is: a redrawn bar with rate and ETA on a terminal, a plain line now and
// then otherwise. Writes to standard error only; one thread. Never throws.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace genba {

// How fast a job has been of late: of at least the last 20 s and the last 8 units, where it is as old. A job has phases (texts
// first, then worlds), and what the first took says nothing about the second.
class RecentRate {
 public:
  explicit RecentRate(std::int64_t first) : older_{0, first}, newer_(older_), now_(older_) {}
  void Note(double seconds, std::int64_t done);  // since the start
  double PerSecond() const;                      // 0: nothing is known yet

 private:
  struct Mark {
    double seconds;
    std::int64_t done;
  };
  Mark older_, newer_, now_;
};

class Progress {
 public:
  // label: "collect pick_bin"; unit: "episodes"; total 0: unknown.
  // first: done before now, by a run that this one goes on with; rate and ETA are of what is done from here on.
  Progress(std::string label, std::string unit, std::int64_t total, std::int64_t first = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // done of total; note is shown behind ("loss 0.123"). Cheap: draws at most ten times a second.
  void Update(std::int64_t done, const std::string& note = "");

  double rate() const { return rate_.PerSecond(); }  // units a second, of late

  // Columns of a line above the bar; 0 where there is no terminal.
  int columns() const;
  // Lines that stay, above the bar, which is drawn again below them.
  void PrintAbove(const std::vector<std::string>& lines);

 private:
  void Draw(std::int64_t done, const std::string& note);

  std::string label_;
  std::string unit_;
  std::int64_t total_;
  RecentRate rate_;
  std::int64_t done_ = 0;
  std::string note_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_draw_;
};

struct ProgressState {
  std::string label, unit, note;
  std::int64_t done = 0, total = 0;
  double seconds = 0;  // since the start
  double rate = 0;     // units a second; 0: not known
};
// One line of at most this many columns, with a bar where there is room; 0 columns: no bar, any length.
std::string ProgressLine(const ProgressState& state, int columns);

// "1:05", "2:03:04"; seconds rounded down.
std::string ClockText(double seconds);

}  // namespace genba

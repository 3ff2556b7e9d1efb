#include "core/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/terminal.h"

namespace genba {
namespace {
constexpr auto kTerminalPeriod = std::chrono::milliseconds(100);
constexpr auto kPlainPeriod = std::chrono::seconds(10);
constexpr int kWidestBar = 24, kNarrowestBar = 6;
constexpr double kRateSeconds = 20;
constexpr std::int64_t kRateUnits = 8;

// A terminal on which a line can be drawn again.
bool CanRedraw() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

std::string Bar(std::int64_t done, std::int64_t total, int width) {
  const auto filled = static_cast<std::size_t>(std::clamp<std::int64_t>(width * done / total, 0, width));
  return "[" + std::string(filled, '#') + std::string(static_cast<std::size_t>(width) - filled, '.') + "] ";
}

}  // namespace

std::string ClockText(double seconds) {
  const auto whole = static_cast<long>(seconds);
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  }
  return text;
}

void RecentRate::Note(double seconds, std::int64_t done) {
  now_ = {seconds, done};
  if (seconds - newer_.seconds < kRateSeconds || done - newer_.done < kRateUnits) return;
  older_ = newer_;
  newer_ = now_;
}

double RecentRate::PerSecond() const {
  const double seconds = now_.seconds - older_.seconds;
  return seconds > 0 ? static_cast<double>(now_.done - older_.done) / seconds : 0;
}

Progress::Progress(std::string label, std::string unit, std::int64_t total, std::int64_t first)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      rate_(first),
      terminal_(CanRedraw()),
      start_(std::chrono::steady_clock::now()),
      last_draw_(start_) {}

Progress::~Progress() {
  if (done_ == 0) return;
  Draw(done_, note_);
  if (terminal_) std::fputc('\n', stderr);
}

void Progress::Update(std::int64_t done, const std::string& note) {
  done_ = done;
  note_ = note;
  const auto now = std::chrono::steady_clock::now();
  rate_.Note(std::chrono::duration<double>(now - start_).count(), done);
  if (now - last_draw_ < (terminal_ ? std::chrono::steady_clock::duration(kTerminalPeriod) : kPlainPeriod)) return;
  last_draw_ = now;
  Draw(done, note);
}

int Progress::columns() const { return terminal_ ? TerminalWidth(stderr) - 1 : 0; }

void Progress::PrintAbove(const std::vector<std::string>& lines) {
  std::string text = terminal_ ? "\r\033[K" : "";
  for (const std::string& line : lines) text += line + "\n";
  std::fputs(text.c_str(), stderr);
  if (terminal_) Draw(done_, note_);
}

void Progress::Draw(std::int64_t done, const std::string& note) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const ProgressState state{label_, unit_, note, done, total_, seconds, rate_.PerSecond()};
  if (terminal_) {
    std::fprintf(stderr, "\r%s\033[K", ProgressLine(state, columns()).c_str());
  } else {
    std::fprintf(stderr, "%s\n", ProgressLine(state, 0).c_str());
  }
  std::fflush(stderr);
}

std::string ProgressLine(const ProgressState& state, int columns) {
  std::string text =
      std::to_string(state.done) + (state.total > 0 ? "/" + std::to_string(state.total) : "") + " " + state.unit;
  char tail[96];
  std::snprintf(tail, sizeof tail, "  %.4g/s  %s", state.rate, ClockText(state.seconds).c_str());
  text += tail;
  if (state.total > 0 && state.rate > 0 && state.done < state.total)
    text += "  ETA " + ClockText(static_cast<double>(state.total - state.done) / state.rate);
  if (!state.note.empty()) text += "  " + state.note;
  if (columns <= 0) return state.label + " " + text;

  constexpr int kBarMarks = 4;  // "[] " and the space before
  const int room = columns - DisplayWidth(state.label) - DisplayWidth(text) - kBarMarks;
  const bool has_bar = state.total > 0 && room >= kNarrowestBar;
  return Fitted(state.label + " " + (has_bar ? Bar(state.done, state.total, std::min(room, kWidestBar)) : "") + text,
                columns);
}

}  // namespace genba

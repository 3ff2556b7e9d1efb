#include "core/progress.h"

#include <unistd.h>

#include <cstdio>

namespace genba {
namespace {
constexpr auto kTerminalPeriod = std::chrono::milliseconds(100);
constexpr auto kPlainPeriod = std::chrono::seconds(10);
constexpr int kBarWidth = 24;
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

Progress::Progress(std::string label, std::string unit, std::int64_t total)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
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
  if (now - last_draw_ < (terminal_ ? std::chrono::steady_clock::duration(kTerminalPeriod) : kPlainPeriod)) return;
  last_draw_ = now;
  Draw(done, note);
}

void Progress::Draw(std::int64_t done, const std::string& note) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string line = label_ + " ";
  if (terminal_ && total_ > 0) {
    const auto filled = static_cast<int>(kBarWidth * done / total_);
    line += "[" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBarWidth - filled), '.') + "] ";
  }
  line += std::to_string(done) + (total_ > 0 ? "/" + std::to_string(total_) : "") + " " + unit_;
  char tail[96];
  std::snprintf(tail, sizeof tail, "  %.4g/s  %s", rate, ClockText(seconds).c_str());
  line += tail;
  if (total_ > 0 && rate > 0 && done < total_) line += "  ETA " + ClockText(static_cast<double>(total_ - done) / rate);
  if (!note.empty()) line += "  " + note;
  std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", line.c_str());
  std::fflush(stderr);
}

}  // namespace genba

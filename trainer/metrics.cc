#include "trainer/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/processor.h"

namespace genba::trainer {

namespace {

constexpr const char* kEventFile = "events.out.tfevents.";
constexpr std::size_t kMaxLines = std::size_t{1} << 30;  // bytes of metrics.jsonl
constexpr int kSessionStart = 1;                         // SessionLog.START

template <class T>
std::string Bytes(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Protocol buffers' wire format, as much as an Event needs.
std::string Varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7F));
  return out + static_cast<char>(value);
}
std::string Key(int field, int wire) {
  return Varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire));
}
std::string Text(int field, const std::string& bytes) { return Key(field, 2) + Varint(bytes.size()) + bytes; }
std::string Double(int field, double value) { return Key(field, 1) + Bytes(value); }
std::string Float(int field, float value) { return Key(field, 5) + Bytes(value); }

double Now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::uint32_t Masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8u; }

// Readers take the files of a folder in the order of their names, which begin with seconds of ten digits.
std::int64_t SecondsBehind(const std::filesystem::path& folder) {
  auto seconds = static_cast<std::int64_t>(Now());
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kEventFile))
      seconds = std::max<std::int64_t>(
          seconds, std::min(9'999'999'998LL, std::atoll(name.c_str() + std::strlen(kEventFile))) + 1);
  }
  return seconds;
}

std::string LinesUpTo(const std::filesystem::path& path, std::int64_t last_step) {
  if (last_step == 0 || !std::filesystem::exists(path)) return "";
  std::istringstream in(ReadFile(path));
  std::string line, kept;
  while (std::getline(in, line)) {
    const auto json = SoundJson(line);
    if (json && json->is_object() && json->contains("step") && (*json)["step"].is_number_integer() &&
        (*json)["step"].get<std::int64_t>() <= last_step)
      kept += line + "\n";
  }
  return kept;
}

}  // namespace

// Castagnoli polynomial, reflected, one byte at a time.
std::uint32_t Crc32c(const std::string& bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c >> 1) ^ (c & 1 ? 0x82F63B78u : 0);
      t[i] = c;
    }
    return t;
  }();
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFu];
  return crc ^ 0xFFFFFFFFu;
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t first_step)
    : path_(folder / (kEventFile + std::to_string(SecondsBehind(folder)) + "." + HostName("host") + "." +
                      std::to_string(::getpid()))),
      out_(path_, std::ios::binary | std::ios::app) {
  if (!out_) throw SystemError("open", path_.string(), errno);
  Record(Double(1, Now()) + Text(3, "brain.Event:2"));
  Record(Double(1, Now()) + Key(2, 0) + Varint(static_cast<std::uint64_t>(first_step)) +
         Text(7, Key(1, 0) + Varint(kSessionStart)));
}

void EventFile::Write(std::int64_t step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [name, value] : scalars) summary += Text(1, Text(1, name) + Float(2, static_cast<float>(value)));
  Record(Double(1, Now()) + Key(2, 0) + Varint(static_cast<std::uint64_t>(step)) + Text(5, summary));
}

void EventFile::Record(const std::string& event) {
  const std::string length = Bytes(static_cast<std::uint64_t>(event.size()));
  out_ << length << Bytes(Masked(Crc32c(length))) << event << Bytes(Masked(Crc32c(event))) << std::flush;
  if (!out_) throw SystemError("write", path_.string(), errno);
}

Scalars Finite(Scalars scalars) {
  std::erase_if(scalars, [](const auto& scalar) { return !std::isfinite(scalar.second); });
  return scalars;
}

Metrics::Metrics(const std::filesystem::path& folder, std::int64_t last_step)
    : path_(folder / "metrics.jsonl"), events_(folder, last_step + 1) {
  WriteFileAtomically(path_, LinesUpTo(path_, last_step));
  lines_.open(path_, std::ios::app);
  if (!lines_) throw SystemError("open", path_.string(), errno);
}

std::vector<MetricsLine> ReadMetrics(const std::filesystem::path& file) {
  std::vector<MetricsLine> lines;
  if (!std::filesystem::exists(file)) return lines;
  const std::string text = ReadFile(file, kMaxLines);
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string place = file.string() + ": line " + std::to_string(lines.size() + 1);
    nlohmann::json values = ParseJson(std::string_view(text).substr(at, end - at), place);
    const std::int64_t after = lines.empty() ? 0 : lines.back().step + 1;
    lines.push_back({JsonInt(values, "step", place, after, std::numeric_limits<std::int64_t>::max()), nullptr});
    values.erase("step");
    lines.back().values = std::move(values);
  }
  return lines;
}

void Metrics::Write(std::int64_t step, const Scalars& stable, const Scalars& timing) {
  nlohmann::json line{{"step", step}};
  for (const auto& [name, value] : stable) line[name] = value;
  lines_ << line.dump() << "\n" << std::flush;
  if (!lines_) throw SystemError("write", path_.string(), errno);
  Scalars all = stable;
  all.insert(timing.begin(), timing.end());
  events_.Write(step, all);
}

}  // namespace genba::trainer

#include "core/phases.h"

namespace genba {

double Phases::seconds(std::string_view name) const {
  const auto sum = sums_.find(name);
  return sum == sums_.end() ? 0 : sum->second.all;
}

std::map<std::string, double> Phases::Lap() {
  std::map<std::string, double> lap;
  for (auto& [name, sum] : sums_) {
    lap[name] = sum.all - sum.before_lap;
    sum.before_lap = sum.all;
  }
  return lap;
}

void Phases::Add(std::string_view name, Trace::Clock::time_point start, Trace::Clock::time_point end) {
  auto sum = sums_.find(name);
  if (sum == sums_.end()) sum = sums_.emplace(name, Sum()).first;
  sum->second.all += std::chrono::duration<double>(end - start).count();
  if (trace_) trace_->Add(name, start, end);
}

}  // namespace genba

// phases.h - where the time of a loop goes: seconds by phase, and the same phases as spans of a trace when one is wanted.
// Owned by whoever runs the loop (trainer/learner.h); one thread. A phase contains the phases that begin inside it.
// Costs two looks at the clock a phase, some 0.1 µs. Failure: what Trace's constructor throws.
//
//   const Phases::Scope in = phases.In("learn");  // to the end of the block
//   const double norm = phases.Of("optimiser", [&] { return optimizer.Step(rate); });
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/trace.h"

namespace genba {

class Phases {
 public:
  class Scope {
   public:
    Scope(Phases& phases, std::string_view name) : phases_(phases), name_(name), start_(Trace::Clock::now()) {}
    ~Scope() { phases_.Add(name_, start_, Trace::Clock::now()); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Phases& phases_;
    std::string_view name_;
    Trace::Clock::time_point start_;
  };
  [[nodiscard]] Scope In(std::string_view name) { return {*this, name}; }

  // The phase that is this work; its result.
  template <class Work>
  auto Of(std::string_view name, const Work& work) {
    const Scope in(*this, name);
    return work();
  }

  double seconds(std::string_view name) const;  // of all that has ended
  // Of each phase, since the last call.
  std::map<std::string, double> Lap();

  // From here on every phase is a span, too.
  void Into(std::unique_ptr<Trace> trace) { trace_ = std::move(trace); }
  Trace* trace() const { return trace_.get(); }  // may be null

 private:
  void Add(std::string_view name, Trace::Clock::time_point start, Trace::Clock::time_point end);

  struct Sum {
    double all = 0, before_lap = 0;  // [s]
  };
  std::map<std::string, Sum, std::less<>> sums_;
  std::unique_ptr<Trace> trace_;
};

}  // namespace genba

// fault.h - what can go wrong with the physics of one world. A fault ends that world's episode, keeps it out
// of the training data and leaves every other world's bits unchanged; it is never an exception inside a step.
#pragma once
#include <cstdint>
#include <string>

namespace genba::sim {

enum class Fault : std::uint8_t {
  kNone = 0,
  kBadState,         // NaN or |x| > 1e10 in qpos or qvel
  kBadAcceleration,  // the solver diverged
  kBadControl,       // NaN or infinite control
  kContactOverflow,  // contacts or constraints dropped: arena full
  kEngineError,      // mju_error inside the step; the row stays as before the call
};

const char* FaultName(Fault fault);  // "bad_state", …

struct FaultReport {  // of one world
  Fault fault = Fault::kNone;
  std::string detail;  // the engine's own words, or which element is bad
  double time = 0;     // [s] simulated time at which it was seen
};

}  // namespace genba::sim

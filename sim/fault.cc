#include "sim/fault.h"

namespace genba::sim {

const char* FaultName(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kBadState:
      return "bad_state";
    case Fault::kBadAcceleration:
      return "bad_acceleration";
    case Fault::kBadControl:
      return "bad_control";
    case Fault::kContactOverflow:
      return "contact_overflow";
    case Fault::kEngineError:
      return "engine_error";
  }
  return "unknown";
}

}  // namespace genba::sim

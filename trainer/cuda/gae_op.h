// gae_op.h - gae_scan.h for tensors. Called by whoever learns on a device; on the current stream, one thread.
// Failure: GENBA_CHECK of shapes; Error(kEnvironment) when the device refuses.
#pragma once
#include <ATen/core/Tensor.h>

namespace genba::trainer {

struct GaeTensors {  // all [T, N], dense, on one device; the ends are bytes
  at::Tensor reward, value, next_value, terminated, truncated;
};
struct AdvantageTensors {
  at::Tensor advantage, returns;  // [T, N]
};
AdvantageTensors ScanGae(const GaeTensors& steps, double gamma, double lambda);

}  // namespace genba::trainer

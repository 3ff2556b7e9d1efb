// window_gather_op.h - window_gather.h for tensors. Called by whoever learns on a device; on the current stream, one thread.
// Failure: GENBA_CHECK of shapes; Error(kEnvironment) when the device refuses.
#pragma once
#include <ATen/core/Tensor.h>

namespace genba::trainer {

struct WindowTensors {                   // a data set on a device, dense
  at::Tensor obs, actions;               // [S, D], [S, A] floats
  at::Tensor episode_end, pushed;        // [S] int64, [S] bytes
  at::Tensor obs_mean, obs_scale;        // [D]
  at::Tensor action_mean, action_scale;  // [A]
};
struct GatheredWindows {
  at::Tensor obs, actions;  // [B, D], [B, H, A] normalised, of the type asked for
  at::Tensor mask;          // [B, H] floats
};
// start [B] int64, on the device: what they hold is not looked at, so each has to be a step of the table. type: at::kFloat or
// at::kBFloat16.
GatheredWindows GatherWindows(const WindowTensors& table, const at::Tensor& start, int chunk, at::ScalarType type);

}  // namespace genba::trainer

#include "trainer/cuda/window_gather_op.h"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "core/error.h"
#include "policies/cuda/launched.h"
#include "trainer/cuda/window_gather.h"

namespace genba::trainer {
namespace {

template <class T>
const T* DataOf(const at::Tensor& x, at::IntArrayRef shape) {
  GENBA_CHECK(x.is_cuda() && x.is_contiguous() && x.sizes() == shape, "dense, on the device, of the table's shape");
  return x.const_data_ptr<T>();
}

WindowTable TableOf(const WindowTensors& t) {
  const std::int64_t steps = t.obs.size(0), obs_dim = t.obs.size(1), action_dim = t.actions.size(1);
  return {steps,
          static_cast<int>(obs_dim),
          static_cast<int>(action_dim),
          DataOf<float>(t.obs, {steps, obs_dim}),
          DataOf<float>(t.actions, {steps, action_dim}),
          DataOf<std::int64_t>(t.episode_end, {steps}),
          DataOf<std::uint8_t>(t.pushed, {steps}),
          DataOf<float>(t.obs_mean, {obs_dim}),
          DataOf<float>(t.obs_scale, {obs_dim}),
          DataOf<float>(t.action_mean, {action_dim}),
          DataOf<float>(t.action_scale, {action_dim})};
}

}  // namespace

GatheredWindows GatherWindows(const WindowTensors& tensors, const at::Tensor& start, int chunk, at::ScalarType type) {
  GENBA_CHECK(type == at::kFloat || type == at::kBFloat16, "types that windows are cast to");
  const WindowTable table = TableOf(tensors);
  const std::int64_t windows = start.numel();
  const c10::cuda::CUDAGuard on(tensors.obs.device());
  const at::TensorOptions options = tensors.obs.options();
  GatheredWindows found{at::empty({windows, table.obs_dim}, options.dtype(type)),
                        at::empty({windows, chunk, table.action_dim}, options.dtype(type)),
                        at::empty({windows, chunk}, options)};
  const WindowRows rows{static_cast<int>(windows),
                        chunk,
                        DataOf<std::int64_t>(start, {windows}),
                        type == at::kFloat ? Cast::kFloat : Cast::kBFloat16,
                        found.obs.mutable_data_ptr(),
                        found.actions.mutable_data_ptr(),
                        found.mask.mutable_data_ptr<float>()};
  policies::CheckLaunched(static_cast<cudaError_t>(GatherWindows(table, rows, c10::cuda::getCurrentCUDAStream())),
                          "windows");
  return found;
}

}  // namespace genba::trainer

#include "trainer/cuda/gae_op.h"

#include <ATen/ops/empty_like.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "core/error.h"
#include "policies/cuda/launched.h"
#include "trainer/cuda/gae_scan.h"

namespace genba::trainer {
namespace {

// Dense, on the same device and of the same shape as the rewards.
template <class T>
const T* DataOf(const at::Tensor& x, const at::Tensor& like) {
  GENBA_CHECK(x.is_cuda() && x.is_contiguous() && x.sizes() == like.sizes() && x.device() == like.device(),
              "[T, N], dense, on one device");
  return x.const_data_ptr<T>();
}

}  // namespace

AdvantageTensors ScanGae(const GaeTensors& steps, double gamma, double lambda) {
  const at::Tensor& like = steps.reward;
  GENBA_CHECK(like.dim() == 2 && like.numel() > 0, "T steps of N worlds");
  const c10::cuda::CUDAGuard on(like.device());
  AdvantageTensors found{at::empty_like(like), at::empty_like(like)};
  const GaeArrays arrays{static_cast<int>(like.size(0)),
                         static_cast<int>(like.size(1)),
                         DataOf<float>(steps.reward, like),
                         DataOf<float>(steps.value, like),
                         DataOf<float>(steps.next_value, like),
                         DataOf<std::uint8_t>(steps.terminated, like),
                         DataOf<std::uint8_t>(steps.truncated, like),
                         gamma,
                         lambda,
                         found.advantage.mutable_data_ptr<float>(),
                         found.returns.mutable_data_ptr<float>()};
  policies::CheckLaunched(ScanGae(arrays, c10::cuda::getCurrentCUDAStream()), "advantages");
  return found;
}

}  // namespace genba::trainer

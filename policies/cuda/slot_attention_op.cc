#include "policies/cuda/slot_attention_op.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "core/error.h"
#include "policies/cuda/launched.h"
#include "policies/cuda/slot_attention.h"

namespace genba::policies {
namespace {

bool TakesNoGradient(const at::Tensor& x) { return !x.requires_grad() || !c10::GradMode::is_enabled(); }

AttendedRows RowsOf(const at::Tensor& x, std::int64_t batch, std::int64_t width) {
  GENBA_CHECK(x.is_cuda() && x.scalar_type() == at::kFloat && x.dim() == 3 && TakesNoGradient(x), "floats on a device");
  GENBA_CHECK(x.size(0) == batch && x.size(2) == width && x.stride(2) == 1, "[B, rows, d], rows in one piece");
  return {x.const_data_ptr<float>(), x.stride(0), x.stride(1)};
}

}  // namespace

at::Tensor AttendSlots(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                       const at::Tensor& mask, int heads) {
  const std::int64_t batch = queries.size(0), width = queries.size(2), num_keys = keys.size(1);
  GENBA_CHECK(heads > 0 && width % heads == 0 && values.size(1) == num_keys, "heads share the width");
  GENBA_CHECK(batch < 65536 && FitsSlotAttention(static_cast<int>(num_keys), static_cast<int>(width / heads)),
              "few keys: those of slots or of a sentence");
  const at::Tensor dense_mask = mask.expand({batch, 1, 1, num_keys}).contiguous();
  GENBA_CHECK(dense_mask.is_cuda() && dense_mask.scalar_type() == at::kFloat, "a mask of floats on the device");
  const c10::cuda::CUDAGuard on(queries.device());
  at::Tensor mixed = at::empty({batch, queries.size(1), width}, queries.options());
  const SlotAttention attention{static_cast<int>(batch),
                                static_cast<int>(queries.size(1)),
                                static_cast<int>(num_keys),
                                heads,
                                static_cast<int>(width / heads),
                                RowsOf(queries, batch, width),
                                RowsOf(keys, batch, width),
                                RowsOf(values, batch, width),
                                dense_mask.const_data_ptr<float>(),
                                mixed.mutable_data_ptr<float>()};
  CheckLaunched(AttendSlots(attention, c10::cuda::getCurrentCUDAStream()), "slot attention");
  return mixed;
}

}  // namespace genba::policies

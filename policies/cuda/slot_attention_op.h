// slot_attention_op.h - slot_attention.h for tensors. Called by whoever acts on a device; on the current stream, one thread.
// Failure: GENBA_CHECK of shapes; Error(kEnvironment) when the device refuses.
#pragma once
#include <ATen/core/Tensor.h>

namespace genba::policies {

// policies::Attend (layers.h) of tensors on a device that need no gradient: queries [B, N, d], keys and values [B, M, d], mask
// [B, 1, 1, M] → [B, N, d].
at::Tensor AttendSlots(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                       const at::Tensor& mask, int heads);

}  // namespace genba::policies

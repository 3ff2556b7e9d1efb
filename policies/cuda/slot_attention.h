// slot_attention.h - what slots make of words, and of each other: policies::Attend (layers.h) for a few queries and keys, in one
// pass over them instead of a copy a head, two products and a softmax. Called by slot_attention_op.h, which takes tensors; no
// torch here. Forward only: for acting, not for learning. Asynchronous, on the stream. Failure: the launch's error.
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>

namespace genba::policies {

// Rows of h * c floats; parts of wider rows will do (a chunk of keys and values).
struct AttendedRows {
  const float* data;                // [B, rows, h * c]
  std::int64_t per_batch, per_row;  // floats from one to the next
};

struct SlotAttention {
  int batch, queries, keys;  // B, N, M
  int heads, head_dim;       // h, c
  AttendedRows query;        // [B, N, h * c]
  AttendedRows key, value;   // [B, M, h * c]
  const float* mask;         // [B, M] added to the scores: 0 or -infinity, never all -infinity
  float* mixed;              // [B, N, h * c] dense
};

// A head's keys and values lie in a block's shared memory: so many keys fit.
bool FitsSlotAttention(int keys, int head_dim);
cudaError_t AttendSlots(const SlotAttention& attention, cudaStream_t stream);

}  // namespace genba::policies

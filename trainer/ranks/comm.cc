#include "trainer/ranks/comm.h"

#include <ATen/core/Tensor.h>

#include "core/interrupt.h"

namespace genba::trainer {

void SumInPairs(const at::Tensor& rows) {
  const std::int64_t k = rows.size(0);
  for (std::int64_t apart = 1; apart < k; apart *= 2) {
    for (std::int64_t i = 0; i + apart < k; i += 2 * apart) rows.select(0, i).add_(rows.select(0, i + apart));
  }
}

namespace {

void CopyUnlessSame(const at::Tensor& from, const at::Tensor& to) {
  if (from.const_data_ptr() != to.const_data_ptr()) to.copy_(from);
}

}  // namespace

void SelfComm::AllGather(const at::Tensor& mine, const at::Tensor& all, const char*) { CopyUnlessSame(mine, all); }
void SelfComm::SumParts(const at::Tensor& all, const at::Tensor& mine, const char*) { CopyUnlessSame(all, mine); }
int SelfComm::StopSignal() const { return InterruptSignal(); }

}  // namespace genba::trainer

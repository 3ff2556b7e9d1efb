// bench_comm.h - what it costs to sum and to gather among ranks: time and rate of each size, and whether the bits are
// those of a sum made locally from what every rank had. Called by `genba bench comm` on every rank, with equal arguments.
// Failure: Error(kFailed) when the bits differ; what Comm throws.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "trainer/ranks/comm.h"

namespace genba::trainer {

nlohmann::json BenchComm(Comm& comm, int repeats);

}  // namespace genba::trainer

// device.h - tests that need a GPU skip themselves where there is none, and say why in the runtime's words.
#pragma once
#include <gtest/gtest.h>

#include "policies/cuda/device_count.h"

#define GENBA_NEEDS_CUDA_DEVICE()                                                                          \
  if (const genba::policies::CudaDevices devices = genba::policies::FindCudaDevices(); devices.count == 0) \
  GTEST_SKIP() << "no CUDA device on this machine: " << devices.why_none

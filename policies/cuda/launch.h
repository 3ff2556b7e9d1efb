// launch.h - the one way our kernels are launched, so that tests can run them where there is no device: who includes the .cu file
// as C++ defines GENBA_LAUNCH before (tests/cuda/emulate.h).
#pragma once

#ifndef GENBA_LAUNCH
#define GENBA_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments) \
  kernel<<<grid, block, shared_bytes, stream>>> arguments
#endif

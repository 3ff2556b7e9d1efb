# The preset cuda: nvcc, and LibTorch's CUDA libraries behind torch::torch, from the folder that script/setup --cuda fills. Not
# find_package(Torch), which brings its own idea of toolkit, architectures and flags. No GPU is needed to build.
# What runs on a device is in libraries of its own (genba_kernels), so that all other files are compiled as in every preset.
set(cuda_wheels ${GENBA_CACHE}/wheels-cuda)
if(NOT EXISTS ${cuda_wheels}/torch/lib/libtorch_cuda.so)
  message(FATAL_ERROR "LibTorch's CUDA libraries not found at ${cuda_wheels}: run script/setup --cuda first")
endif()
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(GENBA_NVCC nvcc HINTS /usr/local/cuda/bin)
  if(NOT GENBA_NVCC)
    message(FATAL_ERROR "nvcc not found in PATH or /usr/local/cuda/bin: the preset cuda needs the CUDA toolkit 13.0")
  endif()
  set(CMAKE_CUDA_COMPILER ${GENBA_NVCC})
endif()
set(CMAKE_CUDA_ARCHITECTURES "80-real;90-real;100-real;100-virtual" CACHE STRING "A100, H100, B200, and what comes later from PTX")
set(CMAKE_CUDA_RUNTIME_LIBRARY None)  # the one that LibTorch brings, below: two of them would not see each other's streams
enable_language(CUDA)
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)  # CMake 3.25 does not know that this nvcc speaks it
set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_FLAGS_RELWITHDEBINFO "-O2 -lineinfo")
set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})

cmake_path(GET CMAKE_CUDA_COMPILER PARENT_PATH toolkit)
cmake_path(GET toolkit PARENT_PATH toolkit)
function(genba_shared target file)
  add_library(${target} SHARED IMPORTED)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${file})
endfunction()
genba_shared(torch::torch_cuda ${cuda_wheels}/torch/lib/libtorch_cuda.so)
genba_shared(torch::c10_cuda ${torch_root}/lib/libc10_cuda.so)
genba_shared(cuda::cudart ${GENBA_WHEELS}/nvidia/cu13/lib/libcudart.so.13)
genba_shared(cuda::nccl ${cuda_wheels}/nvidia/nccl/lib/libnccl.so.2)
# Kernels of LibTorch register when their library loads, though nobody names its symbols. RPATH, not RUNPATH: it holds for the
# libraries of libraries, too (cuBLAS and cuDNN are the toolkit's).
set_property(TARGET torch::torch APPEND PROPERTY INTERFACE_LINK_LIBRARIES torch::torch_cuda torch::c10_cuda cuda::cudart)
set_property(TARGET torch::torch APPEND PROPERTY INTERFACE_LINK_OPTIONS -Wl,--no-as-needed -Wl,--disable-new-dtags
  "-Wl,-rpath-link,${cuda_wheels}/torch/lib:${cuda_wheels}/nvidia/nvshmem/lib:${cuda_wheels}/nvidia/cusparselt/lib:${cuda_wheels}/nvidia/cu13/lib:${toolkit}/lib64")
list(APPEND CMAKE_BUILD_RPATH ${GENBA_WHEELS}/nvidia/cu13/lib ${cuda_wheels}/nvidia/nccl/lib ${toolkit}/lib64)  # ours first

# For the few files that name CUDA or NCCL.
add_library(genba_cuda_headers INTERFACE)
target_include_directories(genba_cuda_headers SYSTEM INTERFACE ${cuda_wheels}/nvidia/nccl/include ${toolkit}/include)

# genba_kernels(<folder> KERNELS a.cu … ADAPTERS a_op.cc … LINK targets): genba_<folder>_cuda. A kernel knows no torch header; its
# adapter takes tensors.
function(genba_kernels folder)
  cmake_parse_arguments(ARG "" "" "KERNELS;ADAPTERS;LINK" ${ARGN})
  add_library(genba_${folder}_kernels STATIC ${ARG_KERNELS})
  target_include_directories(genba_${folder}_kernels PRIVATE ${PROJECT_SOURCE_DIR})
  # As the compiler's -ffp-contract=off: no multiply-add is fused behind our back.
  target_compile_options(genba_${folder}_kernels PRIVATE --fmad=false -Xcompiler=-Wall,-Wextra $<$<BOOL:${GENBA_WERROR}>:--Werror=all-warnings>)
  add_library(genba_${folder}_cuda STATIC ${ARG_ADAPTERS})
  target_link_libraries(genba_${folder}_cuda PUBLIC genba_flags torch::torch genba_${folder}_kernels ${ARG_LINK} PRIVATE genba_cuda_headers)
  target_compile_definitions(genba_${folder}_cuda PRIVATE AT_PER_OPERATOR_HEADERS)
endfunction()

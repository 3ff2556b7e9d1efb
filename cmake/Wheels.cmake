# MuJoCo and LibTorch come from pinned wheels that script/setup unpacks outside the clone.
if(DEFINED ENV{GENBA_CACHE})
  set(GENBA_CACHE "$ENV{GENBA_CACHE}" CACHE PATH "Where script/setup unpacks the wheels")
else()
  set(GENBA_CACHE "$ENV{HOME}/.cache/genba" CACHE PATH "Where script/setup unpacks the wheels")
endif()
set(GENBA_WHEELS ${GENBA_CACHE}/wheels)

set(mujoco_lib ${GENBA_WHEELS}/mujoco/libmujoco.so.4.0.1)
if(NOT EXISTS ${mujoco_lib})
  message(FATAL_ERROR "MuJoCo 4.0.1 not found at ${mujoco_lib}: run script/setup first")
endif()
add_library(mujoco::mujoco SHARED IMPORTED)
set_target_properties(mujoco::mujoco PROPERTIES
  IMPORTED_LOCATION ${mujoco_lib}
  INTERFACE_INCLUDE_DIRECTORIES ${GENBA_WHEELS}/mujoco/include
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${GENBA_WHEELS}/mujoco/include)

if(GENBA_TORCH)
  set(libtorch_version 2.11.0)
  set(torch_root ${GENBA_WHEELS}/torch)
  if(NOT EXISTS ${torch_root}/lib/libtorch_cpu.so)
    message(FATAL_ERROR "LibTorch ${libtorch_version} not found at ${torch_root}: run script/setup first")
  endif()
  set(torch_includes ${torch_root}/include ${torch_root}/include/torch/csrc/api/include)
  add_library(torch::c10 SHARED IMPORTED)
  set_target_properties(torch::c10 PROPERTIES IMPORTED_LOCATION ${torch_root}/lib/libc10.so)
  add_library(torch::torch SHARED IMPORTED)
  set_target_properties(torch::torch PROPERTIES
    IMPORTED_LOCATION ${torch_root}/lib/libtorch_cpu.so
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${torch_includes}"
    INTERFACE_INCLUDE_DIRECTORIES "${torch_includes}"
    INTERFACE_COMPILE_DEFINITIONS "_GLIBCXX_USE_CXX11_ABI=1"
    INTERFACE_LINK_LIBRARIES torch::c10
    # libtorch_cpu finds the CUDA runtime wheels through its own RPATH.
    INTERFACE_LINK_OPTIONS "-Wl,-rpath-link,${torch_root}/lib:${GENBA_WHEELS}/nvidia/cu13/lib")
endif()

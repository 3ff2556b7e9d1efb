# Debian's libraries that core, sim, envs and datasets link; installed, too, for those who link these (genbaConfig.cmake). Each is
# named with the package that brings it, so that a missing one says what to install.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

function(genba_pkg target module package)
  pkg_check_modules(${target} IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "${module} not found: install Debian's ${package} (script/setup does)")
  endif()
  add_library(pkg::${target} ALIAS PkgConfig::${target})
endfunction()

genba_pkg(crypto libcrypto libssl-dev)
genba_pkg(png libpng libpng-dev)
genba_pkg(utf8proc libutf8proc libutf8proc-dev)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
set(HDF5_PREFER_PARALLEL OFF)
enable_language(C)
find_package(HDF5 1.10 REQUIRED COMPONENTS C)
find_package(ZLIB REQUIRED)
find_package(OpenGL REQUIRED COMPONENTS OpenGL EGL)

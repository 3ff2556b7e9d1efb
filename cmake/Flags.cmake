# Compiler settings shared by every Genba target, and the one way to declare a folder's library.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# RelWithDebInfo without -DNDEBUG and with light debug info: checks stay on, objects stay small. Debug is for sanitizers, whose
# tests would take minutes without any optimisation.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  # The sloppiness lets ccache serve units that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE})
endif()

add_library(genba_flags INTERFACE)
target_compile_options(genba_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor
  -ffp-contract=off            # same bits whether or not the compiler may fuse a multiply-add
  -fstack-protector-strong
  $<$<BOOL:${GENBA_WERROR}>:-Werror>)
target_compile_definitions(genba_flags INTERFACE _GLIBCXX_ASSERTIONS)  # an index out of range stops here, not somewhere later
if(GENBA_SANITIZE)
  target_compile_options(genba_flags INTERFACE -fsanitize=${GENBA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(genba_flags INTERFACE -fsanitize=${GENBA_SANITIZE})
endif()
if(GENBA_FUZZ)
  target_compile_options(genba_flags INTERFACE -fsanitize=fuzzer-no-link)  # coverage that libFuzzer steers by
endif()
target_include_directories(genba_flags INTERFACE ${PROJECT_SOURCE_DIR})

# genba_library(<folder> SOURCES a.cc b.cc LINK other targets)
function(genba_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(genba_${name} STATIC ${ARG_SOURCES})
  add_library(genba::${name} ALIAS genba_${name})
  # Who uses an installed Genba has warnings of their own, but inline functions of our headers must give the bits that ours give.
  target_compile_options(genba_${name} PUBLIC $<INSTALL_INTERFACE:-ffp-contract=off>)
  target_compile_features(genba_${name} PUBLIC cxx_std_20)
  target_link_libraries(genba_${name} PUBLIC $<BUILD_INTERFACE:genba_flags> ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
endfunction()

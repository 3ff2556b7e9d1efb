# Debian's libraries as imported targets.
include(LibraryPackages)
genba_pkg(zstd libzstd libzstd-dev)
find_package(CLI11 2.1 REQUIRED)
find_path(TOMLPP_INCLUDE toml++/toml.h REQUIRED)
genba_pkg(sentencepiece sentencepiece libsentencepiece-dev)
genba_pkg(glfw glfw3 libglfw3-dev)
genba_pkg(mpi ompi-c libopenmpi-dev)
# Not through pkg-config, whose file names an stb package that Debian does not have. libstb-dev comes with libimgui-dev.
find_path(IMGUI_INCLUDE imgui.h PATH_SUFFIXES imgui REQUIRED)
find_library(IMGUI_LIBRARY imgui REQUIRED)
find_library(STB_LIBRARY libstb.a REQUIRED)
add_library(pkg::imgui STATIC IMPORTED)
set_target_properties(pkg::imgui PROPERTIES IMPORTED_LOCATION ${IMGUI_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${IMGUI_INCLUDE} INTERFACE_LINK_LIBRARIES ${STB_LIBRARY})

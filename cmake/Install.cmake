# cmake --install: one folder that runs wherever it is moved to, and what find_package(genba) needs. Components:
#   program      bin/genba (starts the next through its own loader), lib/genba: the program and all libraries, the C library's too
#   libtorch     lib/genba/torch; without it the folder is small, and a link to the torch/lib of a Python takes its place
#   development  headers, static libraries and MuJoCo for genba::core, genba::sim, genba::envs, genba::datasets
# lib/genba is the program's alone: whoever links the libraries uses the C library of their machine.
include(CMakePackageConfigHelpers)

target_link_options(genba PRIVATE -Wl,--disable-new-dtags)  # RPATH, not RUNPATH: it holds for the libraries of libraries, too
set_target_properties(genba PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN/torch")
install(TARGETS genba RUNTIME DESTINATION lib/genba COMPONENT program)
install(TARGETS genba_mpi LIBRARY DESTINATION lib/genba COMPONENT program)  # MPI itself is the machine's
install(TARGETS genba_launcher RUNTIME DESTINATION bin COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/genba-small DESTINATION share/genba/models COMPONENT program)
foreach(component program libtorch)
  install(CODE "set(GENBA_PROGRAM \"$<TARGET_FILE:genba>\")\nset(GENBA_WHEELS \"${GENBA_WHEELS}\")\nset(GENBA_OWNER ${component})" COMPONENT ${component})
  install(SCRIPT ${PROJECT_SOURCE_DIR}/cmake/InstallLibraries.cmake COMPONENT ${component})
endforeach()

foreach(folder core sim envs datasets)
  set_target_properties(genba_${folder} PROPERTIES EXPORT_NAME ${folder})
  install(TARGETS genba_${folder} EXPORT genba ARCHIVE DESTINATION lib COMPONENT development INCLUDES DESTINATION include/genba)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION include/genba COMPONENT development FILES_MATCHING PATTERN *.h)
endforeach()
install(DIRECTORY ${GENBA_WHEELS}/mujoco/include/mujoco DESTINATION include/genba COMPONENT development)
install(FILES ${mujoco_lib} DESTINATION lib COMPONENT development)
set(config lib/cmake/genba)
install(EXPORT genba NAMESPACE genba:: DESTINATION ${config} FILE genbaTargets.cmake COMPONENT development)
cmake_path(GET mujoco_lib FILENAME mujoco_name)
configure_file(cmake/genbaConfig.cmake.in genbaConfig.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/genbaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/genbaConfig.cmake ${PROJECT_BINARY_DIR}/genbaConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/LibraryPackages.cmake DESTINATION ${config} COMPONENT development)

# GoogleTest from Debian's sources, with our flags. Debian's archive is built without sanitizers and frame pointers, and a linker
# keeps one copy of each template: with theirs of vector<int>, ASan saw no accesses and took every allocation for a new stack.
set(googletest /usr/src/googletest/googletest)
add_library(genba_gtest STATIC ${googletest}/src/gtest-all.cc)
add_library(genba_gtest_main STATIC ${googletest}/src/gtest_main.cc)
target_include_directories(genba_gtest SYSTEM PUBLIC ${googletest}/include PRIVATE ${googletest})
target_compile_options(genba_gtest PRIVATE -w)
target_link_libraries(genba_gtest PUBLIC genba_flags)
target_link_libraries(genba_gtest_main PUBLIC genba_gtest)

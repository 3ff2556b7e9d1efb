// bin/genba of an installed folder: starts lib/genba/genba through the loader and the C library that lie beside it. So the
// folder runs wherever it lies, on machines with an older C library or none, and computes with the same mathematics on all.
// Linked statically, because it has to start where there is no loader. environment.cc is a part of it: the program, once
// started in this way, could not start itself again, because its /proc/self/exe is the loader.
#include <sys/auxv.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int kEnvironment = 3;  // exit code, as the program's

int Refuse(const std::string& file, const char* expected, const std::string& got) {
  std::fprintf(stderr, "genba: %s: expected %s, got %s\n", file.c_str(), expected, got.c_str());
  return kEnvironment;
}

std::string Parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

int main(int argc, char** argv) {
  const char* called = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));  // what was executed, also without /proc
  char own[PATH_MAX];
  if (::realpath(called, own) == nullptr) return Refuse(called, "this program", std::strerror(errno));
  const std::string folder = Parent(Parent(own)) + "/lib/genba";
  if (::access((folder + "/torch/libtorch_cpu.so").c_str(), F_OK) != 0)
    return Refuse(
        folder + "/torch", "LibTorch " GENBA_LIBTORCH ", which this folder was made without",
        "none: link the lib folder of Python's torch there (ln -s …/site-packages/torch/lib " + folder + "/torch)");
  std::string loader = folder + "/ld-linux-x86-64.so.2", program = folder + "/genba";
  std::vector<char*> words = {loader.data(), program.data()};
  words.insert(words.end(), argv + 1, argv + argc);
  words.push_back(nullptr);
  ::execve(loader.c_str(), words.data(), environ);
  return Refuse(loader, "the loader", std::strerror(errno));
}

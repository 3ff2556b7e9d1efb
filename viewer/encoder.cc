#include "viewer/encoder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"

namespace genba::viewer {

namespace {

constexpr int kNotInstalled = 127;  // exit code of the child when the program is not found

}  // namespace

Encoder::Encoder(int width, int height, double frames_per_s, std::string path) : path_(std::move(path)) {
  GENBA_CHECK(width % 2 == 0 && height % 2 == 0, "a film's size is even");
  std::array<int, 2> ends{};
  film_ = ::memfd_create("genba-film", 0);  // inherited by ffmpeg
  if (film_ < 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0) throw SystemError("make a pipe for", path_, errno);
  const std::string size = std::to_string(width) + "x" + std::to_string(height), rate = std::to_string(frames_per_s),
                    film = "file:/proc/self/fd/" + std::to_string(film_);
  child_ = ::fork();
  if (child_ < 0) throw SystemError("start ffmpeg for", path_, errno);
  if (child_ == 0) {
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(ends[0], STDIN_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execlp("ffmpeg", "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
             size.c_str(), "-r", rate.c_str(), "-i", "pipe:0", "-pix_fmt", "yuv420p", "-f", "mp4", film.c_str(),
             static_cast<char*>(nullptr));
    ::_exit(kNotInstalled);
  }
  ::close(ends[0]);
  pipe_ = ends[1];
}

Encoder::~Encoder() {
  if (child_ > 0) ::kill(child_, SIGKILL);
  Wait();
  if (film_ >= 0) ::close(film_);
}

void Encoder::Add(const sim::Image& image) {
  CheckInterrupt();
  try {
    WriteDescriptor(pipe_, {reinterpret_cast<const char*>(image.rgb.data()), image.rgb.size()}, path_);
  } catch (const Error&) {
    Finish();  // ffmpeg is gone; its exit code says why
  }
}

int Encoder::Wait() {
  int status = 0;
  if (pipe_ >= 0) ::close(pipe_);
  pipe_ = -1;
  while (child_ > 0 && ::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = 0;
  return status;
}

void Encoder::Finish() {
  const int status = Wait();
  CheckInterrupt();  // Ctrl-C reaches ffmpeg as well
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotInstalled)
    throw Error(ErrorKind::kEnvironment,
                path_ + ": films need ffmpeg, which is not installed (apt install ffmpeg); PNG pictures do not");
  const std::string bytes = ReadFile("/proc/self/fd/" + std::to_string(film_));
  if (status != 0 || bytes.empty()) throw Error(ErrorKind::kEnvironment, path_ + ": ffmpeg could not make the film");
  WriteFileAtomically(path_, bytes);
}

}  // namespace genba::viewer

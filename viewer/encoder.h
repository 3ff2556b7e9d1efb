// encoder.h - ffmpeg as a child process that makes an MP4 of raw pictures. ffmpeg never sees the film's name (a colon
// or a dash in front would mean something to it): it writes into memory, and the whole film is published at the end.
// One thread. Failure: Error(kEnvironment), also when ffmpeg is not installed; nothing is left behind.
#pragma once
#include <string>

#include "sim/offscreen.h"

namespace genba::viewer {

class Encoder {
 public:
  // width and height are even (the film's colours are stored at half the size).
  Encoder(int width, int height, double frames_per_s, std::string path);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void Add(const sim::Image& image);
  void Finish();  // publishes the film

 private:
  int Wait();  // closes our end; the child's exit status

  std::string path_;
  int film_ = -1;  // memory that ffmpeg writes into
  int pipe_ = -1;
  int child_ = 0;
};

}  // namespace genba::viewer

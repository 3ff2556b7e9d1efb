// compute.h - how many threads LibTorch and the matrix libraries under it use: always what Genba's own recorded
// settings say, never what the machine has or the environment asks for, because another number gives other last bits.
// Training sets its number once (UseMatrixThreads); acting and text features always run on kActingThreads, whatever
// the command around them uses (MatrixThreads). Call from the thread that computes. No torch in this header.
// Failure: a machine that grants fewer threads, or hides what its processor can do, is reported as a warning; one that grants
// no thread as Error(kEnvironment).
#pragma once

namespace genba::policies {

// One: blocks of 16 rows are too small to share, and an action must not depend on how many cores act.
inline constexpr int kActingThreads = 1;

// For everything this thread computes from now on: a learner's number. Memory that is freed stays with the process.
// setting: the name of what asked for so many, for the warning.
void UseMatrixThreads(int count, const char* setting);

// What the matrix library reaches here with the threads that it has now: the best of a few products of 1,024 columns, two
// operations a multiply-add. [MFLOP/s] Takes a tenth of a second; another time gives another figure.
double PeakMegaFlops();

// The same for a scope.
class MatrixThreads {
 public:
  explicit MatrixThreads(int count);
  ~MatrixThreads();
  MatrixThreads(const MatrixThreads&) = delete;
  MatrixThreads& operator=(const MatrixThreads&) = delete;

 private:
  int before_;
};

}  // namespace genba::policies

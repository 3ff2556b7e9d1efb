#include "core/interrupt.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "core/threads.h"

namespace genba {
namespace {

// Exit status of a child that does this, as a shell says it.
int StatusOf(const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

[[noreturn]] void WaitForever() {
  for (;;) ::pause();
}

TEST(Interrupt, ALoopThatLooksEndsWithTheSignalsCode) {
  for (const int signal : {SIGINT, SIGTERM}) {
    RequestInterrupt(signal);
    try {
      CheckInterrupt();
      FAIL();
    } catch (const InterruptedError& error) {
      EXPECT_EQ(error.exit_code(), 128 + signal);
    }
    ClearInterrupt();
    EXPECT_NO_THROW(CheckInterrupt());
  }
}

TEST(Interrupt, WhatWasIgnoredAtTheStartStaysIgnored) {
  EXPECT_EQ(StatusOf([] {
              ::signal(SIGINT, SIG_IGN);
              CatchInterrupts();
              ::raise(SIGINT);
              if (Interrupted()) ::_exit(9);
            }),
            0);
  EXPECT_EQ(StatusOf([] {
              ::signal(SIGTERM, SIG_IGN);
              CatchInterrupts();
              ::raise(SIGINT);
              ::raise(SIGTERM);  // stays ignored after the first signal as well
              if (!Interrupted()) ::_exit(9);
            }),
            0);
}

TEST(Interrupt, ASecondSignalEndsAtOnce) {
  EXPECT_EQ(StatusOf([] {
              CatchInterrupts();
              ::raise(SIGINT);
              ::raise(SIGTERM);
              ::_exit(9);
            }),
            128 + SIGTERM);
}

TEST(Interrupt, WorkThatCannotLookIsEnded) {
  EXPECT_EQ(StatusOf([] {
              CatchInterrupts();
              ::raise(SIGTERM);
              WaitForever();
            }),
            128 + SIGTERM);
}

TEST(Interrupt, ALostReaderAndAFileTooLongAreErrorsNotDeaths) {
  EXPECT_EQ(StatusOf([] {
              CatchInterrupts();
              ::raise(SIGPIPE);
              ::raise(SIGXFSZ);
            }),
            0);
}

TEST(Threads, UsableCoresFollowTheAffinity) {
  EXPECT_GE(UsableCores(), 1);
  EXPECT_EQ(StatusOf([] {
              cpu_set_t before, one;
              ::sched_getaffinity(0, sizeof before, &before);
              CPU_ZERO(&one);
              for (int core = 0; CPU_COUNT(&one) == 0; ++core) {
                if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
              }
              ::sched_setaffinity(0, sizeof one, &one);
              if (UsableCores() != 1) ::_exit(9);
            }),
            0);
}

}  // namespace
}  // namespace genba

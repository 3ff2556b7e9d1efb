#include "core/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <thread>

#include "core/error.h"
#include "core/hash.h"

namespace genba {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("atomic_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  int Entries() const { return static_cast<int>(std::distance(fs::directory_iterator(folder_), {})); }
  fs::path folder_;
};

int ExitCodeOf(const std::function<void()>& action, const std::string& word = "") {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    return error.exit_code();
  }
  return 0;
}

TEST_F(AtomicFile, WritesAndReplaces) {
  WriteFileAtomically(folder_ / "a", "one");
  WriteFileAtomically(folder_ / "a", "two");
  EXPECT_EQ(ReadFile(folder_ / "a"), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "no temporary stays behind";
}

TEST_F(AtomicFile, AFailureLeavesTheOldFileAndNoTemporary) {
  const fs::path target = folder_ / "taken";
  fs::create_directories(target / "inside");  // rename onto a full folder fails
  EXPECT_THROW(WriteFileAtomically(target, "x"), Error);
  EXPECT_TRUE(fs::exists(target / "inside"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(AtomicFile, OnlyLeftoversOfKilledWritersAreRemoved) {
  const std::string nobody = std::to_string((1 << 22) + 1);  // above the largest process number
  const fs::path leftovers[] = {folder_ / (".tmp-genba-" + nobody + "-1-x"),
                                folder_ / (".tmp-genba-" + nobody + "-2-y")};
  std::ofstream(leftovers[0]) << "torn";
  fs::create_directories(leftovers[1] / "inside");
  const fs::path kept[] = {folder_ / "kept",
                           folder_ / ".tmp-mine",
                           folder_ / ".tmp-genba-notes",
                           folder_ / (".tmp-genba-" + nobody),
                           TemporaryName("alive"),
                           folder_ / (".tmp-genba-" + nobody + "-x-1"),
                           folder_ / ".tmp-genba-0-1-x"};
  for (const fs::path& file : kept) std::ofstream(folder_ / file.filename()) << "mine";
  fs::create_symlink("kept", folder_ / (".tmp-genba-" + nobody + "-3-link"));
  EXPECT_EQ(RemoveTemporaries(folder_), 2);
  for (const fs::path& file : leftovers) EXPECT_FALSE(fs::exists(file));
  for (const fs::path& file : kept) EXPECT_TRUE(fs::exists(folder_ / file.filename())) << file;
  EXPECT_EQ(RemoveTemporaries(folder_ / "absent"), 0);
}

TEST_F(AtomicFile, ALinkIsFollowedAndStays) {
  fs::create_directories(folder_ / "other");
  std::ofstream(folder_ / "other/target") << "old";
  fs::create_symlink("other/target", folder_ / "link");
  fs::create_symlink("link", folder_ / "link_to_link");
  fs::create_symlink(folder_ / "other/new", folder_ / "dangling");
  WriteFileAtomically(folder_ / "link_to_link", "new");
  WriteFileAtomically(folder_ / "dangling", "made");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link_to_link") && fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(ReadFile(folder_ / "other/target"), "new");
  EXPECT_EQ(ReadFile(folder_ / "other/new"), "made");
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_EQ(ExitCodeOf([&] { WriteFileAtomically(folder_ / "loop", "x"); }, "loop"), 3);
}

TEST_F(AtomicFile, APipeIsWrittenInto) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(ExitCodeOf([&] { CheckWritableTarget(pipe); }), 0) << "and nobody waits for a reader yet";
  std::string got;
  std::thread reader([&] { got = ReadStream(pipe, 1 << 20); });
  WriteFileAtomically(pipe, std::string(200000, 'x'));
  reader.join();
  EXPECT_EQ(got, std::string(200000, 'x'));
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(Entries(), 1);
}

TEST_F(AtomicFile, DevicesStayDevices) {
  fs::create_symlink("/dev/null", folder_ / "null");
  WriteFileAtomically(folder_ / "null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(ExitCodeOf([&] { WriteFileAtomically("/dev/full", "x"); }, "No space left"), 3);
}

TEST_F(AtomicFile, AnOpenDescriptorIsContinuedNotReplaced) {
  const fs::path file = folder_ / "log";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(::write(fd, "before ", 7), 7);
  WriteFileAtomically("/dev/fd/" + std::to_string(fd), "inside ");
  fs::create_symlink("/proc/self/fd/" + std::to_string(fd), folder_ / "link");
  WriteFileAtomically(folder_ / "link", "linked ");
  ASSERT_EQ(::write(fd, "after", 5), 5);
  ::close(fd);
  EXPECT_EQ(ReadFile(file), "before inside linked after");
  EXPECT_EQ(ExitCodeOf([&] { CheckWritableTarget("/dev/fd/" + std::to_string(fd)); }), 3) << "closed by now";
}

TEST_F(AtomicFile, TheModeOfWhatIsReplacedIsKept) {
  WriteFileAtomically(folder_ / "private", "one");
  fs::permissions(folder_ / "private", fs::perms::owner_read | fs::perms::owner_write);
  WriteFileAtomically(folder_ / "private", "two");
  EXPECT_EQ(fs::status(folder_ / "private").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AtomicFile, ATargetIsTriedBeforehandAndNothingStays) {
  EXPECT_EQ(ExitCodeOf([&] { CheckWritableTarget(folder_ / "new"); }), 0);
  EXPECT_EQ(Entries(), 0);
  std::ofstream(folder_ / "old") << "old";
  EXPECT_EQ(ExitCodeOf([&] { CheckWritableTarget(folder_ / "old"); }), 0);
  EXPECT_EQ(ReadFile(folder_ / "old"), "old");
  for (const fs::path& path : {folder_ / "absent/x", folder_, folder_ / "old/x", folder_ / "absent/", fs::path(""),
                               folder_ / std::string(300, 'x'), fs::path("/proc/x")}) {
    EXPECT_EQ(ExitCodeOf([&] { CheckWritableTarget(path); }, path.string()), 3) << path;
    EXPECT_EQ(ExitCodeOf([&] { WriteFileAtomically(path, "x"); }, path.string()), 3) << path;
  }
  EXPECT_EQ(Entries(), 1);
}

TEST_F(AtomicFile, LongNamesHaveTemporariesToo) {
  WriteFileAtomically(folder_ / std::string(255, 'x'), "x");
  EXPECT_EQ(Entries(), 1);
}

TEST_F(AtomicFile, ManyWritersOfOneFileLeaveOneWholeFile) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&, i] {
      for (int k = 0; k < 20; ++k) WriteFileAtomically(folder_ / "same", std::string(5000, static_cast<char>('a' + i)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string bytes = ReadFile(folder_ / "same");
  EXPECT_EQ(bytes, std::string(5000, bytes[0]));
  EXPECT_EQ(Entries(), 1);
}

TEST_F(AtomicFile, AFileThatMayNotGrowIsAnErrorAndTheOldOneStays) {
  WriteFileAtomically(folder_ / "a", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(ExitCodeOf([&] { WriteFileAtomically(folder_ / "a", std::string(1000, 'x')); }, "too large"));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_EQ(ReadFile(folder_ / "a"), "old");
  EXPECT_EQ(Entries(), 1);
}

TEST_F(AtomicFile, WhatCannotBeReadIsRefusedByName) {
  EXPECT_EQ(ExitCodeOf([&] { ReadFile(folder_); }, "a folder"), 2);
  EXPECT_EQ(ExitCodeOf([&] { ReadStream(folder_, 10); }, "a folder"), 2);
  EXPECT_FALSE(ReadFile("/proc/self/status").empty());
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_EQ(ExitCodeOf([&] { ReadFile(folder_ / "loop"); }, "loop"), 2);
  EXPECT_EQ(ExitCodeOf([&] { ReadFile(folder_ / std::string(300, 'x')); }, "too long"), 2);
}

// A folder from elsewhere may hold a pipe: nobody writes into it, and reading would wait for ever.
TEST_F(AtomicFile, PipesAndDevicesAreReadOnlyWhereAStreamWillDo) {
  ASSERT_EQ(ExitCodeOf([&] { ReadFile("/dev/null"); }, "/dev/null"), 2);
  ASSERT_EQ(ExitCodeOf([&] { Sha256File("/dev/null"); }, "/dev/null"), 2);
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(ExitCodeOf([&] { ReadFile(pipe); }, "pipe"), 2);
  EXPECT_EQ(ExitCodeOf([&] { Sha256File(pipe); }, "pipe"), 2);
  EXPECT_EQ(ExitCodeOf([&] { ReadFile("/dev/zero"); }, "/dev/zero"), 2);
  EXPECT_EQ(ReadStream("/dev/null", 10), "");
  EXPECT_EQ(ExitCodeOf([&] { ReadStream("/dev/zero", 1000); }, "at most 1000 bytes"), 2);
  EXPECT_EQ(ExitCodeOf([&] { ReadStream("/dev/zero", std::size_t{1} << 40); }, "at most 67108864 bytes"), 2);
}

TEST_F(AtomicFile, TheSizeLimitIsKept) {
  WriteFileAtomically(folder_ / "a", "12345");
  EXPECT_THROW(ReadFile(folder_ / "a", 4), Error);
  EXPECT_EQ(ReadFile(folder_ / "a", 5), "12345");
}

TEST_F(AtomicFile, AFolderInAFilesPlaceIsRefused) {
  WriteFileAtomically(folder_ / "file", "x");
  try {
    MakeWritableFolder(folder_ / "file" / "sub");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
  }
}

}  // namespace
}  // namespace genba

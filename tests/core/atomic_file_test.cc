#include "core/atomic_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"

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
  fs::path folder_;
};

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

TEST_F(AtomicFile, LeftoversOfKilledWritersAreRemoved) {
  std::ofstream(folder_ / ".tmp-x") << "torn";
  WriteFileAtomically(folder_ / "kept", "k");
  EXPECT_EQ(RemoveTemporaries(folder_), 1);
  EXPECT_TRUE(fs::exists(folder_ / "kept"));
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

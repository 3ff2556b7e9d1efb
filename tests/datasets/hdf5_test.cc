#include "datasets/hdf5.h"

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "tests/refusal.h"

namespace genba::datasets::hdf5 {
namespace {

const std::vector<float> kValues{1, 2, 3, 4, 5, 6};

std::string Sample() {
  File file = File::Create("sample.h5");
  file.root().WriteNumber<std::uint64_t>("number", 7);
  file.root().WriteString("text", "部品");
  file.root().WriteString("empty", "");
  file.root().WriteString("long", std::string(100000, 'x'));
  {
    const Group group = file.root().Create("group");
    group.WriteArray("a", kValues.data(), {3, 2});
    group.WriteArray("none", kValues.data(), {3, 0});
    group.WriteText("model", std::string(5000, 'm'));
    group.WriteText("nothing", "");
    group.WriteNames("names", {"demo_0", "demo_10"});
  }
  return file.CloseToBytes();
}

File Open(const std::string& bytes, Checksums checksums = Checksums::kRequire) {
  return File::FromBytes(bytes, "sample.h5", checksums);
}

TEST(Hdf5, WhatIsWrittenIsRead) {
  const File file = Open(Sample());
  const Group& root = file.root();
  EXPECT_EQ(root.ReadNumber<std::uint64_t>("number"), 7u);
  EXPECT_EQ(root.ReadString("text"), "部品");
  EXPECT_EQ(root.ReadString("empty"), "");
  EXPECT_EQ(root.ReadString("long"), std::string(100000, 'x'));
  const Group group = root.Open("group");
  EXPECT_EQ(group.ReadArray<float>("a", {3, 2}), kValues);
  EXPECT_TRUE(group.ReadArray<float>("none", {3, 0}).empty());
  EXPECT_EQ(group.ReadText("model", 5000), std::string(5000, 'm'));
  EXPECT_EQ(group.ReadText("nothing", 5000), "");
  EXPECT_EQ(group.NumLinks(), 5u);
}

TEST(Hdf5, EqualContentsAreEqualBytes) {
  const std::string first = Sample();
  const std::string dirt(1 << 20, 'd');  // another state of the heap
  EXPECT_EQ(first, Sample());
}

TEST(Hdf5, AWrongShapeTypeOrNameIsNamed) {
  const File file = Open(Sample());
  const Group group = file.root().Open("group");
  EXPECT_EQ(RefusalOf([&] {
              group.ReadArray<float>("a", {2, 3});
            }),
            "sample.h5: group/a: expected shape [2, 3], got [3, 2]");
  EXPECT_EQ(RefusalOf([&] {
              group.ReadArray<double>("a", {3, 2});
            }),
            "sample.h5: group/a: expected float64, got float32");
  EXPECT_EQ(RefusalOf([&] { group.ReadArray<float>("b", {3, 2}); }), "sample.h5: group/b: expected present, got none");
  EXPECT_NE(RefusalOf([&] { file.root().ReadNumber<std::uint64_t>("text"); }), "");
  EXPECT_NE(RefusalOf([&] { file.root().ReadString("number"); }), "");
  EXPECT_NE(RefusalOf([&] { file.root().ReadArray<float>("group", {1}); }), "");
  EXPECT_NE(RefusalOf([&] { file.root().Open("group").Open("a"); }), "");
}

TEST(Hdf5, ABitInTheDataIsFoundUnlessChecksumsAreIgnored) {
  std::string bytes = Sample();
  const std::string_view values(reinterpret_cast<const char*>(kValues.data()), kValues.size() * sizeof(float));
  const std::size_t place = bytes.find(values);
  ASSERT_NE(place, std::string::npos);
  bytes[place] = static_cast<char>(bytes[place] ^ 1);
  const File strict = Open(bytes);
  EXPECT_NE(RefusalOf([&] { strict.root().Open("group").ReadArray<float>("a", {3, 2}); }), "");
  const File lenient = Open(bytes, Checksums::kIgnore);
  EXPECT_NE(lenient.root().Open("group").ReadArray<float>("a", {3, 2}), kValues);
}

TEST(Hdf5, TwoOpenFilesOfOneNameAreTwoFiles) {
  File other = File::Create("sample.h5");
  other.root().WriteNumber<std::uint64_t>("number", 8);
  const std::string bytes = other.CloseToBytes();
  const File first = Open(Sample());
  const File second = Open(bytes);
  EXPECT_EQ(first.root().ReadNumber<std::uint64_t>("number"), 7u);
  EXPECT_EQ(second.root().ReadNumber<std::uint64_t>("number"), 8u);
}

TEST(Hdf5, EveryTruncationIsRefused) {
  const std::string bytes = Sample();
  for (std::size_t size = 0; size < bytes.size(); size += 997) {
    ASSERT_NE(RefusalOf([&] { Open(bytes.substr(0, size)); }), "") << size;
  }
  ASSERT_NE(RefusalOf([&] { Open(bytes.substr(0, bytes.size() - 1)); }), "");
}

TEST(Hdf5, OnlyAWholeFileOfTheLatestFormatAtOffsetZeroIsRead) {
  const std::string bytes = Sample();
  std::string old = bytes;
  old[8] = 0;  // superblock version
  EXPECT_NE(RefusalOf([&] { Open(old); }).find("superblock version"), std::string::npos);
  EXPECT_NE(RefusalOf([&] { Open(std::string(512, '\0') + bytes); }), "") << "a user block";
  EXPECT_NE(RefusalOf([&] { Open(bytes + std::string(512, '\0')); }), "") << "something behind it";
}

// Links that lead out of the file: written with HDF5 itself, as an attacker would.
TEST(Hdf5, SoftAndExternalLinksAreRefused) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access.get(), 1 << 16, true);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const std::string path = testing::TempDir() + "/links.h5";
  {
    const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
    ASSERT_GE(H5Lcreate_external("/etc/hostname", "/", file.get(), "external", H5P_DEFAULT, H5P_DEFAULT), 0);
    ASSERT_GE(H5Lcreate_soft("/", file.get(), "soft", H5P_DEFAULT, H5P_DEFAULT), 0);
  }
  FILE* stream = std::fopen(path.c_str(), "rb");
  std::string bytes(1 << 20, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), stream));
  std::fclose(stream);
  const File file = Open(bytes);
  for (const char* name : {"external", "soft"}) {
    EXPECT_EQ(RefusalOf([&] { file.root().Open(name); }),
              "sample.h5: " + std::string(name) + ": expected an object of this file, got a soft or external link");
  }
}

}  // namespace
}  // namespace genba::datasets::hdf5

#include "core/hash.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace genba {
namespace {

TEST(Sha256, PartsGiveWhatTheWholeGives) {
  Sha256Stream parts;
  for (const char* part : {"", "ab", "c"}) parts.Add(part);
  EXPECT_EQ(parts.Finish(), Sha256("abc"));
}

TEST(Hash, Sha256MatchesThePublishedVectors) {  // FIPS 180-2, appendix B
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hash, Hash64MatchesFnv1aAndChains) {
  EXPECT_EQ(Hash64("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(Hash64("bc", Hash64("a")), Hash64("abc"));
}

TEST(Hash, AMissingFileIsNamed) {
  try {
    Sha256File("/nonexistent/x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/nonexistent/x"), std::string::npos);
    EXPECT_EQ(error.exit_code(), 2);
  }
}

}  // namespace
}  // namespace genba

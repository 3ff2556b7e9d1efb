// What trainer.device names, in builds with and without CUDA.
#include "policies/device.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace genba::policies {
namespace {

struct Refused {
  int exit_code = 0;
  std::string sentence;
};

Refused Ask(const std::string& name) {
  try {
    DeviceNamed(name, "trainer.device");
  } catch (const Error& error) {
    return {error.exit_code(), error.what()};
  }
  return {};
}

TEST(Device, TheCpuIsEverywhere) { EXPECT_TRUE(DeviceNamed("cpu", "trainer.device").is_cpu()); }

TEST(Device, WhatIsNoneIsRefusedByName) {
  for (const std::string name :
       {"", "gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:99999999999", "CPU"}) {
    const Refused refused = Ask(name);
    EXPECT_EQ(refused.exit_code, 2) << name;
    EXPECT_NE(refused.sentence.find("trainer.device: expected cpu"), std::string::npos) << refused.sentence;
    EXPECT_NE(refused.sentence.find("got '" + name + "'"), std::string::npos) << refused.sentence;
  }
}

// No machine has 64 devices of one process.
TEST(Device, OneThatIsMissingIsRefusedWithWhatThisBuildCanDo) {
  const Refused refused = Ask("cuda:63");
  EXPECT_NE(refused.sentence.find("trainer.device"), std::string::npos) << refused.sentence;
  EXPECT_NE(refused.sentence.find("cuda:63"), std::string::npos) << refused.sentence;
#ifdef GENBA_CUDA
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.sentence.find("this machine has "), std::string::npos) << refused.sentence;
#else
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.sentence.find("this build has no CUDA"), std::string::npos) << refused.sentence;
#endif
}

}  // namespace
}  // namespace genba::policies

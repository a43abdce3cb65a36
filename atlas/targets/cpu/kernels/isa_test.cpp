#include "atlas/targets/cpu/kernels/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "atlas/base/error.h"

namespace atlas::cpu {
namespace {

TEST(Isa, TheFastestIsInUseUnlessForced) {
  const std::vector<Isa> supported = supported_isas();
  ASSERT_FALSE(supported.empty());
  if (!std::getenv("ATLAS_ISA")) {
    EXPECT_EQ(active_isa(), supported.back());
  }
  const Isa before = active_isa();
  {
    const ScopedIsa forced(supported.front());
    EXPECT_EQ(active_isa(), supported.front());
    EXPECT_EQ(supported_isas(), supported);
  }
  EXPECT_EQ(active_isa(), before);
}

TEST(Isa, AnAbsentOneIsRefused) {
#if defined(__x86_64__)
  const Isa absent = Isa::Neon;
#else
  const Isa absent = Isa::Avx2;
#endif
  try {
    const ScopedIsa forced(absent);
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(),
              "instruction set " + std::string(name(absent)) + ": expected one that this processor has");
  }
}

TEST(IsaDeathTest, TheEnvironmentIsReadOnce) {
  if (std::getenv("ATLAS_EMULATED")) GTEST_SKIP() << "under an emulator a program cannot start itself anew";
  const auto active_with = [](const char* value) {
    setenv("ATLAS_ISA", value, 1);
    try {
      std::fputs(std::string(name(active_isa())).c_str(), stderr);
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
    }
    std::exit(0);
  };
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const std::string slowest(name(supported_isas().front()));
  EXPECT_EXIT(active_with(slowest.c_str()), testing::ExitedWithCode(0), slowest);
  EXPECT_EXIT(active_with("mmx"), testing::ExitedWithCode(0),
              "ATLAS_ISA: expected one that this processor has .*got 'mmx'");
}

}  // namespace
}  // namespace atlas::cpu

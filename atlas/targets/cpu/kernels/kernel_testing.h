// What the kernel tests share: every instruction set present, and random numbers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/isa.h"
#include "atlas/targets/cpu/kernels/numbers.h"

namespace atlas::cpu {

/// A test that runs once for each instruction set of this processor.
class KernelTest : public testing::TestWithParam<Isa> {
 protected:
  ScopedIsa isa{GetParam()};
  ThreadPool pool{3};
};

#define ATLAS_TEST_EACH_ISA(fixture)                                              \
  INSTANTIATE_TEST_SUITE_P(EachIsa, fixture, testing::ValuesIn(supported_isas()), \
                           [](const auto& tested) { return std::string(name(tested.param)); })

inline std::vector<float> random_floats(size_t count, unsigned seed, float low = -1, float high = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(generator);
  return values;
}

/// The nearest bfloat16s.
inline std::vector<Bf16> rounded(const std::vector<float>& values) {
  std::vector<Bf16> out;
  for (const float value : values) out.push_back(to_bf16(value));
  return out;
}

/// Checks that `run(x, y)`, which makes `count` numbers y of those of x, gives of bfloat16 what is nearest to
/// what it gives of their values in f32.
template <typename Run>
void check_rounded(const std::vector<float>& x, size_t count, Run run) {
  const std::vector<Bf16> from = rounded(x);
  std::vector<float> exact;
  for (const Bf16 bits : from) exact.push_back(from_bf16(bits));
  std::vector<Bf16> got(count, 1);
  std::vector<float> want(count);
  run(Numbers<const std::byte>(from.data()), Numbers<std::byte>(got.data()));
  run(Numbers<const std::byte>(exact.data()), Numbers<std::byte>(want.data()));
  EXPECT_EQ(got, rounded(want));
}

/// Bytes with many of the greatest and of those whose sign bit alone is set.
inline std::vector<uint8_t> random_bytes(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<uint8_t> bytes(count);
  for (uint8_t& byte : bytes) {
    const unsigned draw = generator();
    byte = static_cast<uint8_t>(draw % 4 == 0 ? (draw & 8 ? 255 : 128) : draw >> 8);
  }
  return bytes;
}

}  // namespace atlas::cpu

// What the kernel tests share: every instruction set present, and random numbers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/isa.h"

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

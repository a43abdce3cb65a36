#include "atlas/targets/cpu/kernels/transpose.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using TransposeTest = KernelTest;

void check(const std::vector<size_t>& shape, const std::vector<size_t>& permutation, size_t bytes,
           ThreadPool& pool) {
  size_t total = 1;
  for (const size_t size : shape) total *= size;
  std::vector<uint8_t> x(total * bytes), y(total * bytes), want(total * bytes);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 37 + i / 251);
  std::vector<size_t> at(shape.size(), 0);
  for (size_t i = 0; i < total; ++i) {  // `at` counts through y
    size_t from = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      const size_t place = std::find(permutation.begin(), permutation.end(), axis) - permutation.begin();
      from = from * shape[axis] + at[place];
    }
    std::copy_n(&x[from * bytes], bytes, &want[i * bytes]);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++at[axis] < shape[permutation[axis]]) break;
      at[axis] = 0;
    }
  }
  transpose(x.data(), y.data(), shape, permutation, bytes, pool);
  EXPECT_EQ(y, want) << testing::PrintToString(shape) << testing::PrintToString(permutation) << bytes;
}

TEST_P(TransposeTest, EveryPermutationAndElementSize) {
  for (const std::vector<size_t>& shape : {std::vector<size_t>{5},
                                           {3, 4},
                                           {33, 70},
                                           {2, 17, 5},
                                           {7, 1, 40},
                                           {2, 3, 19, 21},
                                           {3, 2, 1, 4, 5},
                                           {0, 3}})
    for (const size_t bytes : {1, 2, 4, 8, 16}) {
      std::vector<size_t> permutation(shape.size());
      std::iota(permutation.begin(), permutation.end(), 0);
      do check(shape, permutation, bytes, pool);
      while (std::next_permutation(permutation.begin(), permutation.end()));
    }
  check({1, 300, 200}, {0, 2, 1}, 4, pool);
  check({2, 50, 37}, {0, 2, 1}, 1, pool);
  check({50, 50, 3}, {2, 0, 1}, 1, pool);
  for (const size_t few : {2, 3, 4, 5})
    for (const size_t bytes : {1, 2, 4, 8}) {
      check({few, 40007}, {1, 0}, bytes, pool);
      check({40007, few}, {1, 0}, bytes, pool);
    }
}

TEST_P(TransposeTest, AScalarIsCopied) {
  check({}, {}, 4, pool);
}

TEST_P(TransposeTest, BadArgumentsAreNamed) {
  const auto message = [&](std::vector<size_t> shape, std::vector<size_t> permutation,
                           size_t bytes) -> std::string {
    try {
      transpose(nullptr, nullptr, shape, permutation, bytes, pool);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({2, 3}, {0}, 4), "transpose: expected a permutation of 2 axes, got 1");
  EXPECT_EQ(message({2, 3}, {1, 1}, 4), "transpose: expected each axis below 2 once, got 1");
  EXPECT_EQ(message({2, 3}, {1, 0}, 3), "transpose: expected elements of 1, 2, 4, 8 or 16 bytes, got 3");
}

ATLAS_TEST_EACH_ISA(TransposeTest);

}  // namespace
}  // namespace atlas::cpu

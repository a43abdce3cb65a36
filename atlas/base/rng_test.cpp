// The generator against published vectors, and its distributions.
#include "atlas/base/rng.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(Rng, PhiloxGivesThePublishedVectors) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({}, {}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, SameSeedSameSequence) {
  Rng a(7), b(7), other_seed(8), other_stream(7, 1);
  const std::uint64_t first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, other_seed.next_u64());
  EXPECT_NE(first, other_stream.next_u64());
  EXPECT_NE(first, a.next_u64());
}

TEST(Rng, UniformFillsItsRange) {
  Rng rng(1);
  double sum = 0;
  for (int i = 0; i < 20000; ++i) {
    const double value = rng.uniform(8);
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    ASSERT_EQ(value * 256, static_cast<int>(value * 256));
    sum += value;
  }
  EXPECT_NEAR(sum / 20000, 0.5 - 1.0 / 512, 0.01);
}

TEST(Rng, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(2);
  double sum = 0, squares = 0, fourth = 0;
  constexpr int kCount = 50000;
  for (int i = 0; i < kCount; ++i) {
    const double value = rng.normal();
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.02);
  EXPECT_NEAR(squares / kCount, 1, 0.03);
  EXPECT_NEAR(fourth / kCount, 3, 0.2);
}

}  // namespace
}  // namespace atlas

// Tensors: views, bounds, and the conversion of every element type.
#include "atlas/tensor/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

TEST(Tensor, SharesAndReshapes) {
  const Tensor a = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = a.reshaped({3, 2});
  EXPECT_EQ(a.raw(), b.raw());
  EXPECT_EQ(text(b), "f32[3,2]");
  EXPECT_THROW(a.reshaped({4}), Error);
  EXPECT_TRUE(identical(a, a.clone()));
  EXPECT_FALSE(identical(a, b));
}

TEST(Tensor, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Tensor(DType::F32, {std::int64_t{1} << 40, 1 << 20}), Error);
  EXPECT_THROW(Tensor(DType::U8, {std::int64_t{1} << 47}), Error);  // more than any machine has
  EXPECT_THROW(Tensor(DType::F32, {-1}), Error);
  EXPECT_THROW(Tensor(DType::F32, {3}, Buffer::allocate(8)), Error);
  EXPECT_THROW(Tensor::of<float>({2}, {1, 2}).values<int>(), Error);
  EXPECT_THROW(Tensor::of<float>({3}, {1, 2}), Error);
}

TEST(Minifloat, EveryCodeComesBack) {
  for (const DType dtype : {DType::F16, DType::BF16, DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2,
                            DType::F8E5M2FNUZ, DType::F8E8M0, DType::F4E2M1}) {
    for (std::uint32_t code = 0; code < (1u << bits(dtype)); ++code) {
      const float value = decode_minifloat(dtype, code);
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(decode_minifloat(dtype, encode_minifloat(dtype, value)))) << name(dtype);
      } else {
        EXPECT_EQ(encode_minifloat(dtype, value, false), code) << name(dtype) << ' ' << value;
      }
      if (dtype == DType::F16 && !std::isnan(value)) {
        EXPECT_EQ(static_cast<float>(F16::from_bits(code)), value);
      }
    }
  }
}

TEST(Minifloat, RoundsToEvenAndSaturates) {
  EXPECT_EQ(F16(2049.0).bits, F16(2048.0).bits);
  EXPECT_EQ(F16(2051.0).bits, F16(2052.0).bits);
  EXPECT_EQ(static_cast<float>(F16(65520.0)), std::numeric_limits<float>::infinity());
  EXPECT_EQ(decode_minifloat(DType::F8E4M3FN, encode_minifloat(DType::F8E4M3FN, 1e9)), 448.0f);
  EXPECT_TRUE(std::isnan(decode_minifloat(DType::F8E4M3FN, encode_minifloat(DType::F8E4M3FN, 1e9, false))));
  EXPECT_TRUE(std::isinf(decode_minifloat(DType::F8E5M2, encode_minifloat(DType::F8E5M2, -1e9, false))));
  EXPECT_EQ(decode_minifloat(DType::F4E2M1, encode_minifloat(DType::F4E2M1, -100)), -6.0f);
}

TEST(Elements, PackedTypesRoundTrip) {
  const std::vector<std::int64_t> values = {-8, 7, 3, -1, 0};
  const Tensor packed = from_ints(DType::I4, {5}, values);
  EXPECT_EQ(packed.size_bytes(), 3u);
  EXPECT_EQ(to_ints(packed), values);
  const std::vector<std::int64_t> two = {-2, 1, 0, -1, 1};
  EXPECT_EQ(to_ints(from_ints(DType::I2, {5}, two)), two);
  EXPECT_EQ(unpack(packed)[0], -8);
}

TEST(Elements, FloatsTowardsIntegersTruncateAndNeverTrap) {
  const std::vector<double> values = {1.9, -1.9, 300, 1e30, std::nan("")};
  EXPECT_EQ(to_ints(from_doubles(DType::U8, {5}, values))[2], 300 - 256);
  EXPECT_EQ(to_ints(from_doubles(DType::I64, {5}, values)),
            (std::vector<std::int64_t>{1, -1, 300, std::numeric_limits<std::int64_t>::max(), 0}));
}

}  // namespace
}  // namespace atlas

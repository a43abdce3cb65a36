// Linear quantisation and its inverse.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

Tensor f32(Shape shape, std::initializer_list<float> values) {
  return Tensor::of<float>(std::move(shape), values);
}
Tensor u8(Shape shape, std::initializer_list<std::uint8_t> values) {
  return Tensor::of<std::uint8_t>(std::move(shape), values);
}
Tensor ints(DType dtype, std::initializer_list<std::int64_t> values) {
  return from_ints(dtype, {static_cast<std::int64_t>(values.size())}, std::vector<std::int64_t>(values));
}

TEST(Quantize, PerTensor) {
  const Tensor x = f32({6}, {0, 2, 3, 1000, -254, -1000});
  const Attributes to_i4 = {{"output_dtype", static_cast<std::int64_t>(DType::I4)}};
  check_cases({
      {"zero point",
       "QuantizeLinear",
       {x, Tensor::scalar(2.0f), Tensor::scalar<std::uint8_t>(128)},
       {},
       {u8({6}, {128, 129, 130, 255, 1, 0})}},
      {"default type", "QuantizeLinear", {x, Tensor::scalar(2.0f)}, {}, {u8({6}, {0, 1, 2, 255, 0, 0})}},
      {"type by attribute",
       "QuantizeLinear",
       {x, f32({1}, {2})},
       to_i4,
       {ints(DType::I4, {0, 1, 2, 7, -8, -8})}},
      {"ties to even",
       "QuantizeLinear",
       {f32({3}, {0.5f, 1.5f, 2.5f}), Tensor::scalar(1.0f)},
       {},
       {u8({3}, {0, 2, 2})}},
      {"back",
       "DequantizeLinear",
       {u8({3}, {0, 3, 255}), Tensor::scalar(2.0f), Tensor::scalar<std::uint8_t>(128)},
       {},
       {f32({3}, {-256, -250, 254})}},
      {"back from i32",
       "DequantizeLinear",
       {ints(DType::I32, {-5, 100000}), Tensor::scalar(0.5f)},
       {},
       {f32({2}, {-2.5f, 50000})}},
  });
  check_error({"types",
               "QuantizeLinear",
               {x, Tensor::scalar(2.0f), Tensor::scalar<std::uint8_t>(0)},
               to_i4,
               {u8({1}, {0})}},
              "attribute 'output_dtype' says i4, the zero point is u8");
}

TEST(Quantize, PerAxis) {
  const Tensor x = f32({2, 2}, {2, 4, 6, 8});
  check_cases({
      {"columns",
       "QuantizeLinear",
       {x, f32({2}, {2, 4}), u8({2}, {0, 10})},
       {},
       {u8({2, 2}, {1, 11, 3, 12})}},
      {"rows",
       "DequantizeLinear",
       {u8({2, 2}, {1, 2, 3, 4}), f32({2}, {2, 4})},
       {{"axis", std::int64_t{-2}}},
       {f32({2, 2}, {2, 4, 12, 16})}},
  });
  check_error({"length", "QuantizeLinear", {x, f32({3}, {1, 1, 1})}, {}, {x}},
              "expected a scale of shape [2]");
  check_error({"zero point", "QuantizeLinear", {x, f32({2}, {1, 1}), u8({1}, {1})}, {}, {x}},
              "expected a zero point of shape [2]");
}

TEST(Quantize, PerBlock) {
  const Attributes blocks = {{"axis", std::int64_t{1}}, {"block_size", std::int64_t{2}}};
  const Tensor scale = f32({2, 2}, {1, 2, 3, 4});
  check_cases({
      {"ragged end",
       "DequantizeLinear",
       {u8({2, 3}, {1, 2, 3, 1, 2, 3}), scale},
       blocks,
       {f32({2, 3}, {1, 2, 6, 3, 6, 12})}},
      {"ragged end",
       "QuantizeLinear",
       {f32({2, 3}, {1, 2, 6, 3, 6, 12}), scale},
       blocks,
       {u8({2, 3}, {1, 2, 3, 1, 2, 3})}},
  });
  check_error({"blocks",
               "DequantizeLinear",
               {u8({2, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3}), scale},
               blocks,
               {scale}},
              "expected a scale of shape [2,3]");
}

TEST(Quantize, DividesInTheTypeAskedFor) {
  // 2049 is no f16: it rounds to 2048.
  const Tensor f16_scale = Tensor::scalar(F16(1.0));
  const Attributes wide = {{"precision", static_cast<std::int64_t>(DType::F32)}};
  const Tensor x = f32({1}, {2049});
  const Tensor zero = Tensor::scalar<std::int16_t>(0);
  check_cases({
      {"of the scale", "QuantizeLinear", {x, f16_scale, zero}, {}, {ints(DType::I16, {2048})}},
      {"wider", "QuantizeLinear", {x, f16_scale, zero}, wide, {ints(DType::I16, {2049})}},
  });
}

TEST(Quantize, FindsScaleAndZeroPoint) {
  check_cases({
      {"signs",
       "DynamicQuantizeLinear",
       {f32({6}, {0, 2, -3, -2.5f, 1.34f, 0.5f})},
       {},
       {u8({6}, {153, 255, 0, 26, 221, 179}), Tensor::scalar(0.0196078438f),
        Tensor::scalar<std::uint8_t>(153)}},
  });
}

}  // namespace
}  // namespace atlas

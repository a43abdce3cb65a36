// Quantisation and products of quantised operands against their references.
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

TEST(QuantizationKernels, QuantizeLinear) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  const auto add = [&](auto zero) {
    using T = decltype(zero);
    cases.push_back(
        {"QuantizeLinear", {random.floats({3, 7}, -40, 40), Tensor::scalar(0.3f), Tensor::scalar(zero)}});
    for (const std::int64_t axis : {0, 1, -1})
      cases.push_back(
          {"QuantizeLinear",
           {random.floats({4, 4, 4}, -40, 40), random.floats({4}, 0.1f, 1), random.integers<T>({4}, 0, 9)},
           {{"axis", axis}}});
    cases.push_back({"DequantizeLinear",
                     {random.integers<T>({3, 7}, 0, 99), Tensor::scalar(0.3f), Tensor::scalar(zero)}});
    for (const std::int64_t axis : {0, 1, -1})
      cases.push_back(
          {"DequantizeLinear",
           {random.integers<T>({4, 4, 4}, 0, 99), random.floats({4}, 0.1f, 1), random.integers<T>({4}, 0, 9)},
           {{"axis", axis}}});
  };
  add(std::uint8_t{100});
  add(std::int8_t{-3});
  add(std::uint16_t{300});
  add(std::int16_t{-5});
  cases.push_back({"QuantizeLinear", {random.floats({0, 7}), Tensor::scalar(0.3f)}});
  cases.push_back(
      {"QuantizeLinear",
       {Tensor::of<float>({6}, {0.5f, 1.5f, 2.5f, -1e30f, 1e30f, std::nanf("")}), Tensor::scalar(1.0f)}});
  cases.push_back(
      {"DequantizeLinear", {random.integers<std::int32_t>({3, 7}, -1 << 30, 1 << 30), Tensor::scalar(0.3f)}});
  for (KernelCase& kernel_case : cases) kernel_case.tolerance = {0, 0};
  check_kernels(cases);
}

TEST(QuantizationKernels, QLinearMatMul) {
  RandomTensors random;
  const auto u8 = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  const auto i8 = [&](Shape shape) { return random.integers<std::int8_t>(std::move(shape), -128, 127); };
  const Datum scale = Tensor::scalar(0.02f);
  const Datum y_scale = Tensor::scalar(1.3f);
  const Datum zero = Tensor::scalar<std::uint8_t>(120);
  const Datum signed_zero = Tensor::scalar<std::int8_t>(3);
  check_kernels({
      {"QLinearMatMul", {u8({3, 5}), scale, zero, u8({5, 4}), scale, zero, y_scale, zero}, {}, 1, {0, 0}},
      {"QLinearMatMul",
       {u8({2, 3, 5}), scale, zero, i8({5, 4}), random.floats({4}, 0.01f, 0.1f), i8({4}), y_scale, zero},
       {},
       1,
       {0, 0}},
      {"QLinearMatMul",
       {i8({2, 3, 5}), scale, signed_zero, i8({2, 5, 4}), scale, signed_zero, y_scale, signed_zero},
       {},
       1,
       {0, 0}},
      {"QLinearMatMul", {u8({0, 5}), scale, zero, u8({5, 4}), scale, zero, y_scale, zero}},
  });
}

TEST(QuantizationKernels, ProductsWithScales) {
  RandomTensors random;
  const auto u8 = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  const auto i8 = [&](Shape shape) { return random.integers<std::int8_t>(std::move(shape), -128, 127); };
  const Datum scale = Tensor::scalar(0.02f);
  const Datum zero = Tensor::scalar<std::uint8_t>(120);
  const Datum signed_zero = Tensor::scalar<std::int8_t>(3);
  const Tolerance one_level = {0, 1};
  check_kernels({
      {"com.microsoft::MatMulIntegerToFloat",
       {u8({2, 3, 5}), i8({5, 4}), scale, random.floats({4}, 0, 1), zero}},
      {"com.microsoft::MatMulIntegerToFloat",
       {u8({3, 5}), u8({5, 4}), scale, scale, zero, u8({4}), random.floats({4})}},
      {"com.microsoft::DynamicQuantizeMatMul",
       {random.floats({3, 5}), i8({5, 4}), random.floats({4}, 0, 1), i8({4}), random.floats({4})}},
      {"com.microsoft::QGemm",
       {u8({3, 5}), scale, zero, i8({4, 5}), random.floats({4}, 0, 1), i8({4}),
        random.integers<std::int32_t>({4}, -900, 900)},
       {{"transB", std::int64_t{1}}, {"alpha", 0.5f}}},
      {"com.microsoft::QGemm",
       {i8({3, 5}), scale, signed_zero, i8({5, 4}), scale, signed_zero, Datum(), Tensor::scalar(0.9f), zero},
       {},
       1,
       one_level},
  });
}

TEST(QuantizationKernels, Images) {
  RandomTensors random;
  using Ints = std::vector<std::int64_t>;
  const auto u8 = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  const auto i8 = [&](Shape shape) { return random.integers<std::int8_t>(std::move(shape), -128, 127); };
  const Datum scale = Tensor::scalar(0.02f);
  const Datum zero = Tensor::scalar<std::uint8_t>(120);
  const Attributes pool = {{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 1}}, {"pads", Ints{1, 0, 1, 1}}};
  check_kernels({
      {"com.microsoft::NhwcMaxPool", {u8({2, 7, 8, 70})}, pool, 1, {0, 0}},
      {"com.microsoft::NhwcMaxPool", {i8({1, 7, 8, 3})}, pool, 1, {0, 0}},
      {"com.microsoft::QLinearConv",
       {u8({2, 7, 9, 3}), scale, zero, i8({5, 3, 3, 3}), scale, Tensor::scalar<std::int8_t>(0),
        Tensor::scalar(0.9f), zero, random.integers<std::int32_t>({5}, -900, 900)},
       {{"channels_last", std::int64_t{1}}, {"pads", Ints{1, 1, 1, 1}}},
       1,
       {0, 0}},
      {"com.microsoft::QLinearAdd",
       {u8({3, 70}), scale, zero, u8({3, 70}), Tensor::scalar(0.05f), Tensor::scalar<std::uint8_t>(7),
        Tensor::scalar(0.04f), zero},
       {},
       1,
       {0, 1}},
      {"com.microsoft::QLinearAdd",
       {u8({3, 70}), scale, zero, u8({70}), scale, zero, scale, zero},
       {},
       1,
       {0, 1}},
  });
}

TEST(QuantizationKernels, Convolutions) {
  RandomTensors random;
  using Ints = std::vector<std::int64_t>;
  const auto u8 = [&](Shape shape) { return random.integers<std::uint8_t>(std::move(shape), 0, 255); };
  const auto i8 = [&](Shape shape) { return random.integers<std::int8_t>(std::move(shape), -128, 127); };
  const Datum zero = Tensor::scalar<std::uint8_t>(120);
  const Datum signed_zero = Tensor::scalar<std::int8_t>(-3);
  const Attributes padded = {{"pads", Ints{1, 0, 2, 1}}, {"strides", Ints{2, 1}}};
  const Attributes grouped = {{"group", std::int64_t{2}}, {"dilations", Ints{2, 1}}};
  const auto convolution = [&](Tensor x, Datum x_zero, Tensor w, Datum w_scale, Datum w_zero, Datum bias,
                               Attributes attributes) {
    return KernelCase{
        "QLinearConv",
        {x, Tensor::scalar(0.02f), x_zero, w, w_scale, w_zero, Tensor::scalar(0.9f), zero, bias},
        attributes,
        1,
        {0, 0}};
  };
  const Datum one_scale = Tensor::scalar(0.05f);
  check_kernels({
      {"ConvInteger", {u8({2, 3, 7, 9}), u8({4, 3, 3, 3})}},
      {"ConvInteger", {u8({2, 3, 7, 9}), i8({4, 3, 3, 3}), zero, signed_zero}, padded},
      {"ConvInteger", {i8({1, 4, 7, 9}), i8({6, 2, 3, 2}), signed_zero, i8({6})}, grouped},
      {"ConvInteger", {u8({1, 4, 9}), u8({2, 4, 3}), zero}, {{"auto_pad", std::string("SAME_UPPER")}}},
      {"ConvInteger", {u8({1, 2, 4, 5, 6}), u8({3, 2, 2, 2, 3}), zero}},
      {"ConvInteger", {u8({0, 3, 7, 9}), u8({4, 3, 3, 3})}},
      convolution(u8({2, 3, 7, 9}), zero, u8({4, 3, 3, 3}), one_scale, zero, Datum(), padded),
      convolution(u8({1, 4, 7, 9}), zero, i8({6, 2, 3, 2}), random.floats({6}, 0.01f, 0.1f), i8({6}),
                  random.integers<std::int32_t>({6}, -900, 900), grouped),
      convolution(i8({2, 3, 5, 4}), signed_zero, i8({8, 3, 1, 1}), one_scale, signed_zero,
                  random.integers<std::int32_t>({8}, -900, 900), {}),
      convolution(u8({2, 40, 7, 9}), zero, i8({40, 1, 3, 3}), random.floats({40}, 0.01f, 0.1f), i8({40}),
                  random.integers<std::int32_t>({40}, -900, 900), {{"group", std::int64_t{40}}}),
      convolution(u8({2, 40, 7, 9}), zero, i8({40, 1, 3, 3}), random.floats({40}, 0.01f, 0.1f),
                  Tensor::scalar<std::int8_t>(0), random.integers<std::int32_t>({40}, -900, 900),
                  {{"group", std::int64_t{40}}, {"pads", Ints{1, 0, 2, 1}}, {"strides", Ints{2, 1}}}),
  });
}

TEST(QuantizationKernels, LevelTable) {
  RandomTensors random;
  check_kernels({
      {"atlas::LevelTable",
       {random.integers<std::uint8_t>({3, 77}, 0, 255), random.integers<std::int8_t>({256}, -128, 127)}},
      {"atlas::LevelTable",
       {random.integers<std::int8_t>({5}, -128, 127), random.integers<std::uint8_t>({256}, 0, 255)}},
  });
}

}  // namespace
}  // namespace atlas

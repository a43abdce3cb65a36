// Changes of element type.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Attributes to(DType dtype) {
  return {{"to", static_cast<std::int64_t>(dtype)}};
}
Tensor f32(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor i32(std::initializer_list<std::int32_t> values) {
  return Tensor::of<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor i64(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor words(std::initializer_list<std::string> values) {
  return Tensor::of<std::string>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Cast, ConvertsNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  check_cases({
      {"towards zero", "Cast", {f32({-1.7f, 1.7f})}, to(DType::I32), {i32({-1, 1})}},
      {"low bits", "Cast", {i32({200, -1})}, to(DType::I8), {Tensor::of<std::int8_t>({2}, {-56, -1})}},
      {"truth",
       "Cast",
       {f32({0, -0.0f, 0.1f, nan})},
       to(DType::Bool),
       {Tensor::of<bool>({4}, {false, false, true, true})}},
      {"bool", "Cast", {Tensor::of<bool>({2}, {true, false})}, to(DType::F32), {f32({1, 0})}},
      {"i64 exact",
       "Cast",
       {i64({9007199254740993})},
       to(DType::U64),
       {Tensor::of<std::uint64_t>({1}, {9007199254740993})}},
      {"one rounding", "Cast", {i64({0x1000001000000001})}, to(DType::F32), {f32({0x1.000002p60f})}, 0},
      {"f16",
       "Cast",
       {f32({65520, 1.0009765f})},
       to(DType::F16),
       {Tensor::of<F16>({2}, {F16(1e6), F16(1.0009765)})},
       0},
      {"empty", "Cast", {Tensor(DType::F32, {0, 2})}, to(DType::I4), {Tensor(DType::I4, {0, 2})}},
  });
  check_error({"to", "Cast", {f32({1})}, {{"to", std::int64_t{99}}}, {f32({1})}}, "attribute 'to' is 99");
  check_error({"to", "Cast", {f32({1})}, to(DType::C64), {f32({1})}}, "attribute 'to' is 14");
}

TEST(Cast, SaturatesSmallFloatsOrNot) {
  const Attributes loose = {{"to", static_cast<std::int64_t>(DType::F8E4M3FN)},
                            {"saturate", std::int64_t{0}}};
  const auto f8 = [](std::uint8_t bits) {
    Tensor out(DType::F8E4M3FN, {1});
    *static_cast<std::uint8_t*>(out.raw_mutable()) = bits;
    return out;
  };
  check_cases({
      {"largest", "Cast", {f32({1000})}, to(DType::F8E4M3FN), {f8(0x7e)}},
      {"nan", "Cast", {f32({1000})}, loose, {f8(0x7f)}},
  });
  check_error(
      {"mode", "Cast", {f32({1})}, {{"round_mode", std::string("odd")}, {"to", std::int64_t{24}}}, {f8(0)}},
      "expected up, down or nearest");
}

TEST(Cast, WritesAndReadsStrings) {
  const float inf = std::numeric_limits<float>::infinity();
  check_cases({
      {"f32",
       "Cast",
       {f32({0.1f, 1, -0.0f, 1e-5f, 1e16f, 123456.7f, inf})},
       to(DType::String),
       {words({"0.1", "1.0", "-0.0", "1e-05", "1e+16", "123456.7", "inf"})}},
      {"f16",
       "Cast",
       {Tensor::of<F16>({2}, {F16(0.1), F16(2048.0)})},
       to(DType::String),
       {words({"0.1", "2048.0"})}},
      {"bool", "Cast", {Tensor::of<bool>({1}, {true})}, to(DType::String), {words({"True"})}},
      {"u64",
       "Cast",
       {Tensor::of<std::uint64_t>({1}, {~0ull})},
       to(DType::String),
       {words({"18446744073709551615"})}},
      {"reals",
       "Cast",
       {words({"3.14", "1e-5", "1E8", "+INF", "-2"})},
       to(DType::F32),
       {f32({3.14f, 1e-5f, 1e8f, inf, -2})}},
      {"beyond",
       "Cast",
       {words({"1e999", "-1e999", "1e-999"})},
       to(DType::F64),
       {Tensor::of<double>({3}, {inf, -inf, 0})}},
      {"integers",
       "Cast",
       {words({"9007199254740993", "100.5", "-7"})},
       to(DType::I64),
       {i64({9007199254740993, 100, -7})}},
      {"truth", "Cast", {words({"True", "0"})}, to(DType::Bool), {Tensor::of<bool>({2}, {true, false})}},
  });
  check_error({"words", "Cast", {words({"Hello"})}, to(DType::F32), {f32({0})}},
              "string 'Hello' is no number");
  check_error({"nothing", "Cast", {words({""})}, to(DType::I64), {i64({0})}}, "string '' is no number");
}

TEST(Cast, FollowsAnother) {
  check_cases({{"type of the second", "CastLike", {f32({2.5f}), i64({})}, {}, {i64({2})}}});
}

TEST(Cast, ReadsBitsAnew) {
  check_cases({
      {"f32",
       "BitCast",
       {f32({1, -0.0f})},
       to(DType::U32),
       {Tensor::of<std::uint32_t>({2}, {0x3f800000, 0x80000000})}},
      {"bool",
       "BitCast",
       {Tensor::of<std::uint8_t>({2}, {0, 7})},
       to(DType::Bool),
       {Tensor::of<bool>({2}, {false, true})}},
  });
  check_error({"width", "BitCast", {f32({1})}, to(DType::F64), {f32({1})}}, "expected a type of 32 bits");
}

}  // namespace
}  // namespace atlas

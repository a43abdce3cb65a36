#include "atlas/targets/cpu/kernels/conv.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/conv_testing.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using ConvTest = KernelTest;

void check(const ConvShape& s, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << s.batch << "x" << s.in_channels << "->" << s.out_channels << " /"
                                  << s.groups << " in " << s.input[0] << "x" << s.input[1] << "x"
                                  << s.input[2] << " kernel " << s.kernel[0] << "x" << s.kernel[1] << "x"
                                  << s.kernel[2]);
  const size_t k = s.group_in() * volume(s.kernel);
  const auto weights = random_floats(s.out_channels * k, 1);
  const auto input = random_floats(s.batch * s.in_channels * volume(s.input), 2);
  const auto want = convolve(s, weights.data(), input.data());
  const auto bias = random_floats(s.out_channels, 3), residual = random_floats(want.size(), 4);
  const PackedConv packed(s, weights.data());
  std::vector<float> got(want.size() + 1, 77.0f);
  conv(s, packed, input.data(), got.data(), {}, pool);
  size_t wrong = 0;
  for (size_t i = 0; i < want.size(); ++i) wrong += !(std::abs(got[i] - want[i]) <= 2e-6 * (10 + double(k)));
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(got.back(), 77.0f);

  Epilogue epilogue;
  epilogue.row_bias = bias.data();
  epilogue.residual = residual.data();
  epilogue.activation = {ActivationKind::Relu};
  conv(s, packed, input.data(), got.data(), epilogue, pool);
  wrong = 0;
  const size_t positions = volume(s.output());
  for (size_t i = 0; i < want.size(); ++i) {
    const double y = std::max(0.0, want[i] + bias[i / positions % s.out_channels] + residual[i]);
    wrong += !(std::abs(got[i] - y) <= 2e-6 * (10 + double(k)));
  }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(ConvTest, Pointwise) {
  check({.in_channels = 5, .out_channels = 7, .input = {1, 3, 3}}, pool);
  check({.batch = 2, .in_channels = 300, .out_channels = 33, .input = {1, 7, 7}}, pool);
  check({.in_channels = 16, .out_channels = 70, .groups = 2, .input = {1, 20, 31}}, pool);
  check({.in_channels = 8, .out_channels = 16, .input = {1, 15, 14}, .stride = {1, 2, 2}}, pool);
}

TEST_P(ConvTest, TwoDimensions) {
  for (const size_t stride : {1, 2, 3})
    for (const size_t dilation : {1, 2, 3})
      for (const size_t pad : {0, 1, 2})
        for (const size_t size : {7, 8, 23})
          check({.in_channels = 3,
                 .out_channels = 9,
                 .input = {1, size, size + 3},
                 .kernel = {1, 3, 3},
                 .stride = {1, stride, stride},
                 .dilation = {1, dilation, dilation},
                 .pad_begin = {0, pad, pad},
                 .pad_end = {0, pad, 1}},
                pool);
  check({.in_channels = 3,
         .out_channels = 20,
         .input = {1, 33, 35},
         .kernel = {1, 7, 7},
         .stride = {1, 2, 2},
         .pad_begin = {0, 3, 3},
         .pad_end = {0, 3, 3}},
        pool);
  check({.batch = 2,
         .in_channels = 64,
         .out_channels = 40,
         .input = {1, 7, 7},
         .kernel = {1, 3, 3},
         .pad_begin = {0, 1, 1},
         .pad_end = {0, 1, 1}},
        pool);
}

TEST_P(ConvTest, OneAndThreeDimensions) {
  check({.in_channels = 4,
         .out_channels = 6,
         .input = {1, 1, 50},
         .kernel = {1, 1, 5},
         .stride = {1, 1, 2},
         .pad_begin = {0, 0, 4},
         .pad_end = {0, 0, 0}},
        pool);
  check({.batch = 2,
         .in_channels = 4,
         .out_channels = 6,
         .groups = 2,
         .input = {5, 6, 7},
         .kernel = {3, 2, 3},
         .stride = {2, 1, 2},
         .dilation = {1, 2, 1},
         .pad_begin = {1, 0, 1},
         .pad_end = {1, 1, 0}},
        pool);
}

TEST_P(ConvTest, Depthwise) {
  for (const size_t size : {3, 7, 14, 40})
    for (const size_t stride : {1, 2})
      check({.batch = 2,
             .in_channels = 5,
             .out_channels = 5,
             .groups = 5,
             .input = {1, size, size},
             .kernel = {1, 3, 3},
             .stride = {1, stride, stride},
             .pad_begin = {0, 1, 1},
             .pad_end = {0, 1, 1}},
            pool);
  check({.in_channels = 3,
         .out_channels = 6,
         .groups = 3,
         .input = {4, 9, 9},
         .kernel = {2, 5, 3},
         .dilation = {1, 1, 2},
         .pad_begin = {1, 2, 2},
         .pad_end = {0, 2, 2}},
        pool);
}

TEST_P(ConvTest, PaddingWiderThanTheInput) {
  for (const size_t channels : {1, 2})
    check({.in_channels = channels,
           .out_channels = 2,
           .input = {1, 2, 1},
           .kernel = {1, 3, 3},
           .stride = {1, 4, 3},
           .pad_begin = {0, 7, 5},
           .pad_end = {0, 6, 9}},
          pool);
}

TEST_P(ConvTest, PaddingThatMakesUpForTheStride) {  // as many positions as inputs, some of them padding
  for (const size_t groups : {1, 2})
    check({.batch = 3,
           .in_channels = 2,
           .out_channels = 2,
           .groups = groups,
           .input = {1, 6, 6},
           .stride = {1, 2, 2},
           .pad_begin = {0, 4, 2},
           .pad_end = {0, 2, 4}},
          pool);
}

TEST_P(ConvTest, BadShapesAreNamed) {
  const std::vector<float> weights(100), input(100);
  std::vector<float> output(100);
  const auto message = [&](const ConvShape& shape) -> std::string {
    try {
      conv(shape, {}, input.data(), output.data(), {}, pool);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({.in_channels = 3, .out_channels = 4, .groups = 2}),
              testing::HasSubstr("that 2 groups divide, got 3 in"));
  EXPECT_THAT(message({.input = {1, 2, 2}, .kernel = {1, 3, 3}}),
              testing::HasSubstr("at least the dilated kernel's 3, got 2"));
  EXPECT_THAT(message({.stride = {1, 0, 1}}), testing::HasSubstr("above 0"));
  EXPECT_THAT(message({.in_channels = 3, .out_channels = 3}), testing::HasSubstr("packed for another shape"));
}

ATLAS_TEST_EACH_ISA(ConvTest);

}  // namespace
}  // namespace atlas::cpu

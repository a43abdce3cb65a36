#include "atlas/targets/cpu/kernels/blocked_conv.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/conv_testing.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using BlockedConvTest = KernelTest;

std::vector<float> blocked(const std::vector<float>& plain, size_t batch, size_t channels, ThreadPool& pool) {
  const size_t positions = plain.size() / batch / channels;
  std::vector<float> out(batch * channel_blocks(channels) * channel_block * positions, 9.0f);
  block_channels(batch, channels, positions, plain.data(), out.data(), pool);
  return out;
}

void check(const ConvShape& s, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << s.batch << "x" << s.in_channels << "->" << s.out_channels << " /"
                                  << s.groups << " in " << s.input[0] << "x" << s.input[1] << "x"
                                  << s.input[2] << " kernel " << s.kernel[0] << "x" << s.kernel[1] << "x"
                                  << s.kernel[2] << " stride " << s.stride[2]);
  const ImageLayout layout =
      s.groups == 1 && s.in_channels < channel_block ? ImageLayout::Plain : ImageLayout::Blocked;
  const size_t k = s.group_in() * volume(s.kernel), positions = volume(s.output());
  const auto weights = random_floats(s.out_channels * k, 1);
  auto input = random_floats(s.batch * s.in_channels * volume(s.input), 2);
  const auto want = convolve(s, weights.data(), input.data());
  const auto bias = random_floats(s.out_channels, 3), residual = random_floats(want.size(), 4);
  if (layout == ImageLayout::Blocked) {
    input = blocked(input, s.batch, s.in_channels, pool);
    // What fills up the last block must not matter.
    const size_t blocks = channel_blocks(s.in_channels), plane = volume(s.input) * channel_block;
    for (size_t n = 0; n < s.batch; ++n)
      for (size_t i = 0; i < plane; ++i)
        if (i % channel_block >= s.in_channels - (blocks - 1) * channel_block)
          input[(n * blocks + blocks - 1) * plane + i] = NAN;
  }
  const PackedBlockedConv packed(
      s, layout, [&] { return weights.data(); }, plain_packer());
  std::vector<float> output(s.batch * channel_blocks(s.out_channels) * channel_block * positions + 1, 77.0f);
  const auto wrong = [&](auto expected) {
    std::vector<float> got(want.size());
    unblock_channels(s.batch, s.out_channels, positions, output.data(), got.data(), pool);
    size_t count = 0;
    for (size_t i = 0; i < want.size(); ++i)
      count += !(std::abs(got[i] - expected(i)) <= 2e-6 * (10 + double(k)));
    return count;
  };
  blocked_conv(s, packed, input.data(), nullptr, output.data(), {}, pool);
  EXPECT_EQ(wrong([&](size_t i) { return want[i]; }), 0u);
  EXPECT_EQ(output.back(), 77.0f);

  const auto sum = [&](size_t i) { return want[i] + bias[i / positions % s.out_channels] + residual[i]; };
  const auto residual_blocks = blocked(residual, s.batch, s.out_channels, pool);
  Epilogue epilogue;
  epilogue.row_bias = bias.data();
  epilogue.residual = residual_blocks.data();
  epilogue.activation = {ActivationKind::Clip, -0.5f, 1};
  blocked_conv(s, packed, input.data(), nullptr, output.data(), epilogue, pool);
  EXPECT_EQ(wrong([&](size_t i) { return std::clamp(sum(i), -0.5, 1.0); }), 0u);
  epilogue.activation = {ActivationKind::HardSwish};
  blocked_conv(s, packed, input.data(), nullptr, output.data(), epilogue, pool);
  EXPECT_EQ(wrong([&](size_t i) { return sum(i) * std::clamp(sum(i) / 6 + 0.5, 0.0, 1.0); }), 0u);
  if (!s.depthwise()) return;
  std::replace_if(
      input.begin(), input.end(), [](float value) { return std::isnan(value); }, 0.0f);
  check_rounded(input, output.size() - 1, [&](Numbers<const std::byte> in, Numbers<std::byte> out) {
    blocked_conv(s, packed, in, nullptr, out, epilogue, pool);
  });
}

TEST_P(BlockedConvTest, Pointwise) {
  check({.in_channels = 16, .out_channels = 16, .input = {1, 3, 3}}, pool);
  check({.batch = 2, .in_channels = 300, .out_channels = 33, .input = {1, 7, 7}}, pool);
  check({.in_channels = 32, .out_channels = 70, .input = {1, 20, 31}}, pool);
  check({.in_channels = 24, .out_channels = 40, .input = {1, 15, 14}, .stride = {1, 2, 2}}, pool);
  for (const size_t positions : {1, 2, 3, 4, 5})  // tiles of few rows
    check({.in_channels = 66, .out_channels = 50, .input = {1, 1, positions}}, pool);
}

TEST_P(BlockedConvTest, TwoDimensions) {
  for (const size_t channels : {3, 17})  // plain and blocked images
    for (const size_t stride : {1, 2, 3})
      for (const size_t dilation : {1, 2})
        for (const size_t pad : {0, 1, 2})
          check({.in_channels = channels,
                 .out_channels = 20,
                 .input = {1, 9, 12},
                 .kernel = {1, 3, 3},
                 .stride = {1, stride, stride},
                 .dilation = {1, dilation, channels < channel_block ? 1 : dilation},
                 .pad_begin = {0, pad, pad},
                 .pad_end = {0, pad, 1}},
                pool);
  check({.in_channels = 3,
         .out_channels = 64,
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

TEST_P(BlockedConvTest, ManyTasks) {  // chunks of the image and of the channels
  check({.in_channels = 33,
         .out_channels = 80,
         .input = {1, 23, 50},
         .kernel = {1, 3, 3},
         .pad_begin = {0, 1, 1},
         .pad_end = {0, 1, 1}},
        pool);
}

TEST_P(BlockedConvTest, OneAndThreeDimensions) {
  check({.in_channels = 20,
         .out_channels = 30,
         .input = {1, 1, 50},
         .kernel = {1, 1, 5},
         .stride = {1, 1, 2},
         .pad_begin = {0, 0, 4},
         .pad_end = {0, 0, 0}},
        pool);
  for (const size_t channels : {4, 18})
    check({.batch = 2,
           .in_channels = channels,
           .out_channels = 10,
           .input = {5, 6, 7},
           .kernel = {3, 2, 3},
           .stride = {2, 1, 2},
           .dilation = {1, 2, 1},
           .pad_begin = {1, 0, 1},
           .pad_end = {1, 1, 0}},
          pool);
}

TEST_P(BlockedConvTest, Groups) {
  check({.in_channels = 64,
         .out_channels = 96,
         .groups = 2,
         .input = {1, 6, 9},
         .kernel = {1, 3, 3},
         .pad_begin = {0, 1, 1},
         .pad_end = {0, 1, 1}},
        pool);
}

TEST_P(BlockedConvTest, Depthwise) {
  for (const size_t size : {3, 7, 14, 40})
    for (const size_t stride : {1, 2})
      check({.batch = 2,
             .in_channels = 37,
             .out_channels = 37,
             .groups = 37,
             .input = {1, size, size},
             .kernel = {1, 3, 3},
             .stride = {1, stride, stride},
             .pad_begin = {0, 1, 1},
             .pad_end = {0, 1, 1}},
            pool);
  check({.in_channels = 5,
         .out_channels = 5,
         .groups = 5,
         .input = {4, 9, 20},
         .kernel = {2, 5, 3},
         .dilation = {1, 1, 2},
         .pad_begin = {1, 2, 2},
         .pad_end = {0, 2, 2}},
        pool);
}

TEST_P(BlockedConvTest, PaddingWiderThanTheInput) {
  for (const size_t groups : {1, 20})
    for (const size_t channels : {2, 20}) {
      if (channels % groups != 0) continue;
      check({.in_channels = channels,
             .out_channels = channels,
             .groups = groups,
             .input = {1, 2, 1},
             .kernel = {1, 3, 3},
             .stride = {1, 4, 3},
             .pad_begin = {0, 7, 5},
             .pad_end = {0, 6, 9}},
            pool);
    }
}

TEST_P(BlockedConvTest, ScalesTheChannelsOfEachImage) {
  const ConvShape s{.batch = 2, .in_channels = 37, .out_channels = 50, .input = {1, 3, 5}};
  const size_t blocks = channel_blocks(s.in_channels), positions = volume(s.input);
  const auto weights = random_floats(s.out_channels * s.in_channels, 1);
  const auto factors = random_floats(s.batch * blocks * channel_block, 2);
  const auto input = random_floats(s.batch * blocks * channel_block * positions, 3);
  std::vector<float> product = input;
  for (size_t i = 0; i < product.size(); ++i)
    product[i] *= factors[i / channel_block / positions * channel_block + i % channel_block];
  const PackedBlockedConv packed(
      s, ImageLayout::Blocked, [&] { return weights.data(); }, plain_packer());
  std::vector<float> got(s.batch * channel_blocks(s.out_channels) * channel_block * positions), want = got;
  blocked_conv(s, packed, input.data(), factors.data(), got.data(), {}, pool);
  blocked_conv(s, packed, product.data(), nullptr, want.data(), {}, pool);
  EXPECT_THAT(got, testing::Pointwise(testing::FloatNear(1e-4f), want));
}

TEST_P(BlockedConvTest, SaysWhichGroupsFit) {
  EXPECT_FALSE(
      PackedBlockedConv::takes({.in_channels = 32, .out_channels = 32, .groups = 4}, ImageLayout::Blocked));
  EXPECT_FALSE(
      PackedBlockedConv::takes({.in_channels = 2, .out_channels = 2, .groups = 2}, ImageLayout::Plain));
}

ATLAS_TEST_EACH_ISA(BlockedConvTest);

}  // namespace
}  // namespace atlas::cpu

#include "atlas/targets/cpu/kernels/blocked_pair.h"

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using BlockedPairTest = KernelTest;

struct Case {
  size_t batch = 1, in, channels;
  Spatial image, kernel;       // of the first convolution
  size_t stride = 1, pad = 0;  // likewise
  size_t window = 3, window_stride = 1, window_pad = 1, window_dilation = 1;
};

/// The same numbers as from one convolution after the other, to the bit.
void check(const Case& t, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << t.in << "->" << t.channels << " in " << t.image[1] << "x" << t.image[2]
                                  << " window " << t.window << " stride " << t.window_stride << " dilation "
                                  << t.window_dilation);
  ConvShape first{.batch = t.batch,
                  .in_channels = t.in,
                  .out_channels = t.channels,
                  .input = t.image,
                  .kernel = t.kernel,
                  .stride = {1, t.stride, t.stride},
                  .pad_begin = {0, t.pad, t.pad},
                  .pad_end = {0, t.pad, t.pad}};
  ConvShape second{.batch = t.batch,
                   .in_channels = t.channels,
                   .out_channels = t.channels,
                   .groups = t.channels,
                   .input = first.output(),
                   .kernel = {1, t.window, t.window},
                   .stride = {1, t.window_stride, t.window_stride},
                   .dilation = {1, t.window_dilation, t.window_dilation},
                   .pad_begin = {0, t.window_pad, t.window_pad},
                   .pad_end = {0, t.window_pad, t.window_pad}};
  const ImageLayout layout = t.in < channel_block ? ImageLayout::Plain : ImageLayout::Blocked;
  const auto input = random_floats(t.batch * channel_blocks(t.in) * channel_block * volume(t.image), 1);
  const auto w1 = random_floats(t.channels * t.in * volume(t.kernel), 2);
  const auto w2 = random_floats(t.channels * t.window * t.window, 3);
  const auto bias = random_floats(2 * t.channels, 4);
  const PackedBlockedConv p1(
      first, layout, [&] { return w1.data(); }, plain_packer());
  const PackedBlockedConv p2(
      second, ImageLayout::Blocked, [&] { return w2.data(); }, plain_packer());
  Epilogue e1, e2;
  e1.row_bias = bias.data();
  e1.activation = {ActivationKind::HardSwish};
  e2.row_bias = bias.data() + t.channels;
  e2.activation = {ActivationKind::Clip, -0.5f, 2};
  const size_t lanes = t.batch * channel_blocks(t.channels) * channel_block;
  std::vector<float> between(lanes * volume(second.input)), want(lanes * volume(second.output()));
  std::vector<float> got(want.size() + 1, 77.0f);
  blocked_conv(first, p1, input.data(), nullptr, between.data(), e1, pool);
  blocked_conv(second, p2, between.data(), nullptr, want.data(), e2, pool);
  blocked_pair({first, p1, e1}, {second, p2, e2}, input.data(), got.data(), pool);
  EXPECT_EQ(got.back(), 77.0f);
  got.pop_back();
  EXPECT_EQ(got, want);
}

TEST_P(BlockedPairTest, SmallImagesOfManyChannels) {
  check({.in = 20, .channels = 100, .image = {1, 7, 7}, .kernel = {1, 1, 1}}, pool);
  check({.batch = 2,
         .in = 48,
         .channels = 24,
         .image = {1, 9, 14},
         .kernel = {1, 1, 1},
         .window = 5,
         .window_pad = 2},
        pool);
  check({.in = 16, .channels = 16, .image = {1, 1, 1}, .kernel = {1, 1, 1}}, pool);
}

TEST_P(BlockedPairTest, ManyStrips) {
  check({.in = 16, .channels = 40, .image = {1, 61, 100}, .kernel = {1, 1, 1}}, pool);
  check({.in = 16, .channels = 40, .image = {1, 61, 100}, .kernel = {1, 1, 1}, .window_stride = 2}, pool);
  check({.in = 16,
         .channels = 16,
         .image = {1, 50, 120},
         .kernel = {1, 1, 1},
         .window = 5,
         .window_stride = 2,
         .window_pad = 2},
        pool);
  check({.in = 16,
         .channels = 16,
         .image = {1, 90, 130},
         .kernel = {1, 1, 1},
         .window_pad = 2,
         .window_dilation = 2},
        pool);
  check({.in = 16,
         .channels = 16,
         .image = {1, 90, 130},
         .kernel = {1, 1, 1},
         .window = 2,
         .window_stride = 3,
         .window_pad = 0},
        pool);
}

TEST_P(BlockedPairTest, BehindAStem) {
  check({.in = 3, .channels = 32, .image = {1, 65, 129}, .kernel = {1, 3, 3}, .stride = 2, .pad = 1}, pool);
  check({.batch = 2,
         .in = 1,
         .channels = 20,
         .image = {1, 40, 40},
         .kernel = {1, 5, 5},
         .pad = 2,
         .window_stride = 2},
        pool);
}

ATLAS_TEST_EACH_ISA(BlockedPairTest);

}  // namespace
}  // namespace atlas::cpu

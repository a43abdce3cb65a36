#include "atlas/targets/cpu/kernels/bf16_pair.h"

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using Bf16PairTest = KernelTest;

struct Case {
  size_t batch = 1, in, channels;
  Spatial image;
  size_t kernel = 1, window = 3, window_stride = 1, window_dilation = 1;
};

/// The same numbers as from one convolution after the other, to the bit.
void check(const Case& t, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << t.in << "->" << t.channels << " in " << t.image[1] << "x" << t.image[2]
                                  << " window " << t.window << " stride " << t.window_stride);
  const auto padding = [](size_t reach) { return Spatial{0, reach / 2, reach / 2}; };
  const ConvShape first{.batch = t.batch,
                        .in_channels = t.in,
                        .out_channels = t.channels,
                        .input = t.image,
                        .kernel = {1, t.kernel, t.kernel},
                        .pad_begin = padding(t.kernel),
                        .pad_end = padding(t.kernel)};
  const ConvShape second{.batch = t.batch,
                         .in_channels = t.channels,
                         .out_channels = t.channels,
                         .groups = t.channels,
                         .input = first.output(),
                         .kernel = {1, t.window, t.window},
                         .stride = {1, t.window_stride, t.window_stride},
                         .dilation = {1, t.window_dilation, t.window_dilation},
                         .pad_begin = padding(t.window * t.window_dilation),
                         .pad_end = padding(t.window * t.window_dilation)};
  const ImageLayout layout = t.in < channel_block ? ImageLayout::Plain : ImageLayout::Blocked;
  const auto input = random_floats(t.batch * channel_blocks(t.in) * channel_block * volume(t.image), 1);
  const auto w1 = random_floats(t.channels * t.in * volume(first.kernel), 2);
  const auto w2 = random_floats(t.channels * t.window * t.window, 3);
  const auto bias = random_floats(2 * t.channels, 4);
  const PackedBf16Conv p1(
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
  std::vector<Bf16> rounded(want.size() + 1, 77);
  const auto bytes = [](auto& values) { return reinterpret_cast<std::byte*>(values.data()); };
  const Numbers<const std::byte> from{reinterpret_cast<const std::byte*>(input.data()), false};
  bf16_conv(first, p1, {from, {}, {bytes(between), false}}, e1, pool);
  blocked_conv(second, p2, between.data(), nullptr, want.data(), e2, pool);
  bf16_pair({first, p1, e1}, {second, p2, e2}, from, {bytes(got), false}, pool);
  bf16_pair({first, p1, e1}, {second, p2, e2}, from, {bytes(rounded), true}, pool);
  EXPECT_EQ(got.back(), 77.0f);
  EXPECT_EQ(rounded.back(), 77);
  got.pop_back();
  EXPECT_EQ(got, want);
  size_t wrong = 0;
  for (size_t i = 0; i < want.size(); ++i) wrong += rounded[i] != to_bf16(want[i]);
  EXPECT_EQ(wrong, 0u);
}

TEST_P(Bf16PairTest, SmallImagesOfManyChannels) {
  check({.in = 20, .channels = 100, .image = {1, 7, 7}}, pool);
  check({.batch = 2, .in = 48, .channels = 24, .image = {1, 9, 14}, .window = 5}, pool);
  check({.in = 16, .channels = 16, .image = {1, 1, 1}}, pool);
}

TEST_P(Bf16PairTest, ManyStrips) {
  check({.in = 16, .channels = 200, .image = {1, 31, 60}}, pool);
  check({.in = 16, .channels = 200, .image = {1, 31, 60}, .window_stride = 2}, pool);
  check({.in = 16, .channels = 40, .image = {1, 31, 60}, .window = 3, .window_dilation = 2}, pool);
}

TEST_P(Bf16PairTest, PlainImages) {
  check({.batch = 2, .in = 3, .channels = 32, .image = {1, 33, 40}, .kernel = 3}, pool);
}

ATLAS_TEST_EACH_ISA(Bf16PairTest);

}  // namespace
}  // namespace atlas::cpu

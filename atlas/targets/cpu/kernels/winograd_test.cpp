#include "atlas/targets/cpu/kernels/winograd.h"

#include <algorithm>
#include <cmath>

#include "atlas/targets/cpu/kernels/blocked_conv.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/conv_testing.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using WinogradTest = KernelTest;

struct Case {
  ConvShape shape;
  std::vector<float> weights, input;  // the input in blocks
  std::vector<double> want;

  Case(ConvShape s, ThreadPool& pool) : shape(s) {
    shape.kernel = {1, 3, 3};
    weights = random_floats(shape.out_channels * shape.in_channels * 9, 1);
    const auto plain = random_floats(shape.batch * shape.in_channels * volume(shape.input), 2);
    want = convolve(shape, weights.data(), plain.data());
    input.resize(shape.batch * channel_blocks(shape.in_channels) * channel_block * volume(shape.input));
    block_channels(shape.batch, shape.in_channels, volume(shape.input), plain.data(), input.data(), pool);
  }
  std::vector<float> output() const {
    return std::vector<float>(shape.batch * channel_blocks(shape.out_channels) * channel_block *
                              volume(shape.output()));
  }
  std::vector<float> plain(const std::vector<float>& blocked, ThreadPool& pool) const {
    std::vector<float> out(want.size());
    unblock_channels(shape.batch, shape.out_channels, volume(shape.output()), blocked.data(), out.data(),
                     pool);
    return out;
  }
};

void check(const ConvShape& s, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << s.batch << "x" << s.in_channels << "->" << s.out_channels << " in "
                                  << s.input[1] << "x" << s.input[2]);
  const Case c(s, pool);
  const PackedWinograd packed(
      c.shape, [&] { return c.weights.data(); }, plain_packer());
  std::vector<float> output = c.output();
  winograd_conv(c.shape, packed, c.input.data(), output.data(), {}, pool);
  const double bound = 1e-5 * std::sqrt(9.0 * static_cast<double>(s.in_channels));
  const auto got = c.plain(output, pool);
  size_t wrong = 0;
  for (size_t i = 0; i < got.size(); ++i) wrong += !(std::abs(got[i] - c.want[i]) <= bound);
  EXPECT_EQ(wrong, 0u);

  const auto bias = random_floats(s.out_channels, 3), residual = random_floats(output.size(), 4);
  Epilogue epilogue;
  epilogue.row_bias = bias.data();
  epilogue.residual = residual.data();
  const size_t positions = volume(c.shape.output());
  for (const ActivationKind kind : {ActivationKind::Clip, ActivationKind::HardSwish}) {
    epilogue.activation = {kind, -0.5f, 1};
    winograd_conv(c.shape, packed, c.input.data(), output.data(), epilogue, pool);
    const auto activated = c.plain(output, pool), added = c.plain(residual, pool);
    wrong = 0;
    for (size_t i = 0; i < activated.size(); ++i) {
      const double x = c.want[i] + bias[i / positions % s.out_channels] + added[i];
      const double y =
          kind == ActivationKind::Clip ? std::clamp(x, -0.5, 1.0) : x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
      wrong += !(std::abs(activated[i] - y) <= 2 * bound * (1 + std::abs(x)));
    }
    EXPECT_EQ(wrong, 0u);
  }
}

TEST_P(WinogradTest, SizesThatTilesDivideAndOthers) {
  for (const size_t size : {1, 4, 6, 9})
    check({.batch = 2,
           .in_channels = 16,
           .out_channels = 20,
           .input = {1, size, size + 3},
           .pad_begin = {0, 1, 1},
           .pad_end = {0, 1, 1}},
          pool);
  check({.in_channels = 37, .out_channels = 40, .input = {1, 14, 31}}, pool);
  check({.in_channels = 70,
         .out_channels = 33,
         .input = {1, 9, 14},
         .pad_begin = {0, 0, 2},
         .pad_end = {0, 3, 1}},
        pool);
}

// The root of the mean square of the errors, against that of sums in order.
TEST_P(WinogradTest, ErrsAtMostThreeTimesAsMuchAsSumsInOrder) {
  for (const size_t channels : {64, 160}) {
    const Case c({.in_channels = channels,
                  .out_channels = 24,
                  .input = {1, 12, 12},
                  .pad_begin = {0, 1, 1},
                  .pad_end = {0, 1, 1}},
                 pool);
    const auto error = [&](const std::vector<float>& output) {
      const auto got = c.plain(output, pool);
      double squares = 0;
      for (size_t i = 0; i < got.size(); ++i) squares += (got[i] - c.want[i]) * (got[i] - c.want[i]);
      return std::sqrt(squares / static_cast<double>(got.size()));
    };
    std::vector<float> output = c.output();
    winograd_conv(c.shape,
                  PackedWinograd(
                      c.shape, [&] { return c.weights.data(); }, plain_packer()),
                  c.input.data(), output.data(), {}, pool);
    const double winograd = error(output);
    blocked_conv(c.shape,
                 PackedBlockedConv(
                     c.shape, ImageLayout::Blocked, [&] { return c.weights.data(); }, plain_packer()),
                 c.input.data(), nullptr, output.data(), {}, pool);
    EXPECT_LT(winograd, 3 * error(output)) << channels << " channels";
    EXPECT_GT(winograd, 0);
  }
}

TEST_P(WinogradTest, IsChosenWhereItSavesWork) {
  ConvShape shape{.in_channels = 64,
                  .out_channels = 64,
                  .input = {1, 56, 56},
                  .kernel = {1, 3, 3},
                  .pad_begin = {0, 1, 1},
                  .pad_end = {0, 1, 1}};
  EXPECT_TRUE(PackedWinograd::is_worth_it(shape));
  shape.input = {1, 0, 0};
  EXPECT_TRUE(PackedWinograd::is_worth_it(shape));
  shape.input = {1, 2, 2};  // one tile, most of it thrown away
  EXPECT_FALSE(PackedWinograd::is_worth_it(shape));
  shape.input = {2, 56, 56};  // a depth
  EXPECT_FALSE(PackedWinograd::is_worth_it(shape));
  shape.input = {0, 56, 56};
  EXPECT_FALSE(PackedWinograd::is_worth_it(shape));
  shape.input = {1, 56, 56};
  shape.stride = {1, 2, 2};
  EXPECT_FALSE(PackedWinograd::is_worth_it(shape));
}

ATLAS_TEST_EACH_ISA(WinogradTest);

}  // namespace
}  // namespace atlas::cpu

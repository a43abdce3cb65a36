#include "atlas/targets/cpu/kernels/byte_conv.h"

#include <algorithm>
#include <cmath>

#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using ByteConvTest = KernelTest;

struct Case {
  ConvShape shape;
  bool x_signed = false, w_signed = true;
  int32_t x_zero = 0;
  bool w_zeros = false;
};

int32_t value(const std::vector<uint8_t>& bytes, bool is_signed, size_t at) {
  return is_signed ? static_cast<int8_t>(bytes[at]) : bytes[at];
}

// Sums, channels last.
std::vector<int32_t> expected(const Case& t, const std::vector<uint8_t>& x, const std::vector<uint8_t>& w,
                              const std::vector<int32_t>& w_zeros) {
  const ConvShape& s = t.shape;
  const Spatial size = s.output();
  std::vector<int32_t> sums;
  for (size_t row = 0; row < s.batch * volume(size); ++row)
    for (size_t m = 0; m < s.out_channels; ++m) {
      int32_t sum = 0;
      for (size_t tap = 0; tap < volume(s.kernel); ++tap) {
        const Spatial window = {row / (size[2] * size[1]) % size[0], row / size[2] % size[1], row % size[2]};
        const Spatial offset = {tap / (s.kernel[2] * s.kernel[1]), tap / s.kernel[2] % s.kernel[1],
                                tap % s.kernel[2]};
        size_t pixel = row / volume(size);
        bool inside = true;
        for (size_t d = 0; d < 3; ++d) {
          const size_t at = window[d] * s.stride[d] + offset[d] * s.dilation[d] - s.pad_begin[d];
          inside = inside && at < s.input[d];  // negative ones have wrapped
          pixel = pixel * s.input[d] + at;
        }
        if (!inside) continue;
        for (size_t c = 0; c < s.group_in(); ++c) {
          const size_t channel = m / s.group_out() * s.group_in() + c;
          const int32_t factor =
              value(w, t.w_signed, (m * s.group_in() + c) * volume(s.kernel) + tap) - w_zeros[m];
          sum += (value(x, t.x_signed, pixel * s.in_channels + channel) - t.x_zero) * factor;
        }
      }
      sums.push_back(sum);
    }
  return sums;
}

void check(const Case& t, ThreadPool& pool) {
  const ConvShape& s = t.shape;
  const auto x = random_bytes(s.batch * s.in_channels * volume(s.input), 1);
  const auto w = random_bytes(s.out_channels * s.group_in() * volume(s.kernel), 2);
  std::vector<int32_t> w_zeros(s.out_channels, 0);
  for (size_t m = 0; t.w_zeros && m < w_zeros.size(); ++m) w_zeros[m] = static_cast<int32_t>(m % 100);
  const ByteConvWeights weights(
      s, [&] { return w.data(); }, t.w_signed, t.w_zeros ? w_zeros.data() : nullptr, pool, plain_packer());
  std::vector<int32_t> sums(s.batch * volume(s.output()) * s.out_channels, 77);
  byte_conv(s, {.data = x.data(), .is_signed = t.x_signed, .zero_point = t.x_zero}, weights,
            {.data = sums.data(), .stride = s.out_channels}, pool);
  EXPECT_EQ(sums, expected(t, x, w, w_zeros));
}

TEST_P(ByteConvTest, Pointwise) {
  check({{.batch = 2, .in_channels = 70, .out_channels = 33, .input = {1, 5, 7}}, false, true, 3}, pool);
}

TEST_P(ByteConvTest, OnePixelOfSeveral) {
  const ConvShape shape{.in_channels = 6, .out_channels = 4, .input = {1, 5, 7}, .stride = {1, 2, 2}};
  check({shape, true, true, -128}, pool);
  ConvShape padded = shape;
  padded.pad_begin = {0, 1, 2};
  padded.pad_end = {0, 3, 1};
  check({padded, false, true, 200}, pool);
}

TEST_P(ByteConvTest, WindowsThatReachIntoThePadding) {
  for (const size_t stride : {1, 2, 3})
    for (const size_t dilation : {1, 2})
      for (const size_t groups : {1, 2}) {
        const ConvShape shape{.batch = 2,
                              .in_channels = 6,
                              .out_channels = 10,
                              .groups = groups,
                              .input = {1, 6, 9},
                              .kernel = {1, 3, 4},
                              .stride = {1, 1, stride},
                              .dilation = {1, 1, dilation},
                              .pad_begin = {0, 2, 5},
                              .pad_end = {0, 1, 3}};
        check({shape, false, true, 131}, pool);
        check({shape, true, false, 7, true}, pool);
      }
}

TEST_P(ByteConvTest, NegativePaddingCrops) {
  const auto minus = [](size_t pixels) { return size_t{0} - pixels; };
  for (const size_t groups : {1, 6}) {
    const ConvShape shape{.in_channels = 6,
                          .out_channels = 6,
                          .groups = groups,
                          .input = {1, 6, 9},
                          .kernel = {1, 2, 3},
                          .pad_begin = {0, minus(1), minus(2)},
                          .pad_end = {0, 1, minus(1)}};
    check({shape, false, true, 131}, pool);
  }
}

TEST_P(ByteConvTest, ThreeDimensions) {
  const ConvShape shape{.in_channels = 3,
                        .out_channels = 5,
                        .input = {4, 5, 6},
                        .kernel = {2, 3, 2},
                        .stride = {2, 1, 2},
                        .dilation = {2, 1, 1},
                        .pad_begin = {1, 1, 0},
                        .pad_end = {0, 2, 1}};
  check({shape, true, true, -4}, pool);
}

TEST_P(ByteConvTest, EveryChannelByItself) {
  for (const size_t channels : {2, 32, 45})
    for (const size_t kernel : {1, 3, 5})
      for (const size_t stride : {1, 2})
        for (const size_t dilation : {1, 2}) {
          const ConvShape shape{.batch = 2,
                                .in_channels = channels,
                                .out_channels = channels,
                                .groups = channels,
                                .input = {1, 11, 17},
                                .kernel = {1, kernel, 3},
                                .stride = {1, stride, stride},
                                .dilation = {1, dilation, dilation},
                                .pad_begin = {0, 1, 2},
                                .pad_end = {0, 2, 0}};
          check({shape, false, true, 113}, pool);
          check({shape, true, true, -100}, pool);
          if (kernel == 3) check({shape, false, false, 5, true}, pool);
        }
}

TEST_P(ByteConvTest, ChannelsThatBecomeSeveral) {
  check({{.in_channels = 4, .out_channels = 8, .groups = 4, .input = {1, 4, 4}, .kernel = {1, 2, 2}}}, pool);
}

TEST_P(ByteConvTest, BiasAndLevelsOfAGroup) {
  const ConvShape shape{
      .in_channels = 4, .out_channels = 6, .groups = 2, .input = {1, 3, 3}, .kernel = {1, 2, 2}};
  const auto x = random_bytes(4 * 9, 1), w = random_bytes(6 * 2 * 4, 2);
  const std::vector<int32_t> bias = {1, 20, 300, 4000, 50000, -60000};
  const std::vector<float> scales = {0.001f, 0.002f, 0.003f, 0.004f, 0.005f, 0.006f};
  const Case t{shape, false, true, 3};
  const std::vector<int32_t> sums = expected(t, x, w, std::vector<int32_t>(6, 0));
  std::vector<uint8_t> levels(sums.size()), want(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    const float level = std::nearbyint(static_cast<float>(sums[i] + bias[i % 6]) * scales[i % 6]) + 128;
    want[i] = static_cast<uint8_t>(std::clamp(level, 0.0f, 255.0f));
  }
  byte_conv(shape, {.data = x.data(), .zero_point = 3},
            ByteConvWeights(
                shape, [&] { return w.data(); }, true, nullptr, pool, plain_packer()),
            {.kind = IgemmOutput::Kind::Levels,
             .data = levels.data(),
             .stride = 6,
             .bias = bias.data(),
             .scales = scales.data(),
             .levels = {false, 128}},
            pool);
  EXPECT_EQ(levels, want);
}

ATLAS_TEST_EACH_ISA(ByteConvTest);

}  // namespace
}  // namespace atlas::cpu

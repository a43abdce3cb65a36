// Operands that are bfloat16s already: then only the order of the sums differs from the definition.
#include <cmath>

#include "atlas/targets/cpu/kernels/bf16_conv.h"
#include "atlas/targets/cpu/kernels/bf16_gemm.h"
#include "atlas/targets/cpu/kernels/bf16_image.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/conv_testing.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using Bf16Test = KernelTest;

std::vector<float> random_bf16(size_t count, unsigned seed) {
  std::vector<float> values = random_floats(count, seed);
  for (float& value : values) value = from_bf16(to_bf16(value));
  return values;
}

TEST(Bf16Rounding, IsToTheNearestEven) {
  EXPECT_EQ(to_bf16(1.0f), 0x3f80);
  EXPECT_EQ(to_bf16(1.00390625f), 0x3f80);  // half way, down to even
  EXPECT_EQ(to_bf16(1.01171875f), 0x3f82);  // half way, up to even
  EXPECT_EQ(to_bf16(1.00390637f), 0x3f81);
  EXPECT_EQ(to_bf16(-3.4e38f), 0xff80);  // beyond the largest
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(__builtin_bit_cast(float, 0x7fffffff)))));
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(__builtin_bit_cast(float, 0xff800001)))));
}

TEST_P(Bf16Test, KernelsRoundAsTheScalarDoes) {
  std::vector<float> values = random_floats(100, 1, -1e4f, 1e4f);
  values[3] = NAN;
  values[40] = INFINITY;
  values[41] = 1.00390625f;
  std::vector<Bf16> rounded(4 * bf16_chunk, 7);
  bf16_kernel().fill(values.data(), 50, 2, 50, rounded.data());
  for (size_t row = 0; row < 2; ++row)
    for (size_t step = 0; step < 2 * bf16_chunk; ++step) {
      const Bf16 got = rounded[(step / bf16_chunk * 2 + row) * bf16_chunk + step % bf16_chunk];
      EXPECT_EQ(got, step < 50 ? to_bf16(values[row * 50 + step]) : 0) << row << " " << step;
    }
}

void check_gemm(size_t m, size_t n, size_t k, bool transposed, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << m << "x" << n << "x" << k << " " << transposed);
  const size_t a_stride = k + 3, c_stride = n + 5;
  const auto a = random_bf16(m * a_stride, 1), b = random_bf16(k * n, 2);
  const auto bias = random_floats(n, 3), residual = random_floats(m * c_stride, 4);
  auto c = random_floats(m * c_stride, 5);
  const auto before = c;
  const MatrixView view = transposed ? MatrixView{b.data(), k, 1}.transposed() : MatrixView{b.data(), n, 1};
  const PackedBf16 packed([&] { return view; }, k, n, pool, plain_packer());
  Epilogue epilogue{nullptr, bias.data(), residual.data(), c_stride, {ActivationKind::Relu}};
  bf16_gemm(m, a.data(), a_stride, packed, c.data(), c_stride, epilogue, pool);
  size_t wrong = 0;
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < c_stride; ++j) {
      double want = before[i * c_stride + j];
      if (j < n) {
        want = bias[j] + double(residual[i * c_stride + j]);
        for (size_t p = 0; p < k; ++p)
          want += double(a[i * a_stride + p]) * view.data[p * view.row_stride + j * view.column_stride];
        want = std::max(0.0, want);
      }
      wrong += !(std::abs(want - c[i * c_stride + j]) <= 2e-6 * (10 + double(k)));
    }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(Bf16Test, Products) {
  for (const size_t m : {1, 3, 5, 14, 17, 32, 33, 70})
    for (const size_t n : {1, 15, 16, 17, 33, 64})
      for (const size_t k : {1, 2, 31, 32, 33, 100}) check_gemm(m, n, k, (m + n + k) % 2 == 0, pool);
  check_gemm(200, 300, 1100, false, pool);
  check_gemm(700, 40, 600, true, pool);
}

template <typename T>
Numbers<const std::byte> numbers(const std::vector<T>& values) {
  return {reinterpret_cast<const std::byte*>(values.data()), sizeof(T) == sizeof(Bf16)};
}

void check_conv(const ConvShape& s, ThreadPool& pool, bool is_scaled = false) {
  SCOPED_TRACE(testing::Message() << s.batch << " images, channels " << s.in_channels << " -> "
                                  << s.out_channels << ", " << s.input[1] << "x" << s.input[2] << ", kernel "
                                  << s.kernel[1] << "x" << s.kernel[2] << ", stride " << s.stride[2]
                                  << ", dilation " << s.dilation[2] << ", groups " << s.groups);
  const bool plain = s.in_channels < channel_block;
  const ImageLayout layout = plain ? ImageLayout::Plain : ImageLayout::Blocked;
  ASSERT_TRUE(PackedBf16Conv::takes(s, layout));
  const size_t positions = volume(s.output()), in_blocks = channel_blocks(s.in_channels);
  const size_t out_blocks = channel_blocks(s.out_channels);
  const auto weights = random_bf16(s.out_channels * s.group_in() * volume(s.kernel), 1);
  auto image = random_bf16(s.batch * s.in_channels * volume(s.input), 2);
  const auto bias = random_floats(s.out_channels, 3);
  const auto residual = random_bf16(s.batch * out_blocks * channel_block * positions, 4);
  // What lies in lanes beyond the last channel does not matter.
  std::vector<float> input(s.batch * in_blocks * channel_block * volume(s.input), NAN);
  if (plain) {
    input = image;
  } else {
    block_channels(s.batch, s.in_channels, volume(s.input), image.data(), input.data(), pool);
    for (size_t i = 0; i < input.size(); ++i)
      if (i / channel_block / volume(s.input) % in_blocks * channel_block + i % channel_block >=
          s.in_channels)
        input[i] = NAN;
  }
  std::vector<float> factors(s.batch * in_blocks * channel_block, 1);
  const std::vector<float> addends = random_bf16(factors.size(), 6);
  ChannelScale scale;
  if (is_scaled) {
    scale = {factors.data(), addends.data(), -0.25f};
    for (size_t i = 0; i < factors.size(); ++i) factors[i] = i % 2 == 0 ? 0.5f : 2.0f;
    for (size_t i = 0; i < image.size(); ++i) {
      const size_t n = i / volume(s.input) / s.in_channels, c = i / volume(s.input) % s.in_channels;
      const size_t at = n * in_blocks * channel_block + c;
      image[i] = from_bf16(to_bf16(std::max(scale.least, image[i] * factors[at] + addends[at])));
    }
  }
  const std::vector<double> sums = convolve(s, weights.data(), image.data());
  const PackedBf16Conv packed(
      s, layout, [&] { return weights.data(); }, plain_packer());
  Epilogue epilogue;
  epilogue.row_bias = bias.data();
  epilogue.activation = {ActivationKind::Relu};
  std::vector<float> output(residual.size(), -5);
  Bf16ConvImages images{numbers(input),
                        numbers(residual),
                        {reinterpret_cast<std::byte*>(output.data()), false},
                        scale,
                        in_blocks * channel_block};
  bf16_conv(s, packed, images, epilogue, pool);
  // From and into bfloat16 it gives what is the nearest to that.
  const std::vector<Bf16> input_bits = rounded(input), residual_bits = rounded(residual);
  std::vector<Bf16> output_bits(residual.size(), 1);
  if (!plain) images.input = numbers(input_bits);
  images.residual = numbers(residual_bits);
  images.output = {reinterpret_cast<std::byte*>(output_bits.data()), true};
  bf16_conv(s, packed, images, epilogue, pool);
  size_t wrong = 0;
  const double bound = 2e-6 * (10 + double(s.group_in() * volume(s.kernel)));
  for (size_t n = 0; n < s.batch; ++n)
    for (size_t c = 0; c < s.out_channels; ++c)
      for (size_t p = 0; p < positions; ++p) {
        const size_t at =
            ((n * out_blocks + c / channel_block) * positions + p) * channel_block + c % channel_block;
        const double want =
            std::max(0.0, sums[(n * s.out_channels + c) * positions + p] + bias[c] + residual[at]);
        wrong += !(std::abs(want - output[at]) <= bound);
        wrong += output_bits[at] != to_bf16(output[at]);
      }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(Bf16Test, Convolutions) {
  for (const size_t channels : {3, 17, 48})
    for (const size_t kernel : {1, 3})
      for (const size_t stride : {1, 2, 3})
        for (const size_t dilation : {1, 2})
          for (const size_t pad : {0, 3})
            check_conv({.in_channels = channels,
                        .out_channels = 20,
                        .input = {1, 9, 12},
                        .kernel = {1, kernel, kernel},
                        .stride = {1, stride, stride},
                        .dilation = {1, dilation, channels < channel_block ? 1 : dilation},
                        .pad_begin = {0, pad, pad},
                        .pad_end = {0, pad, 1}},
                       pool);
}

// What lies behind an image is read too, where weights are 0: it must be a number.
TEST_P(Bf16Test, ChunksOfPlainImagesHoldNumbers) {
  const ConvShape shape{.in_channels = 3,
                        .out_channels = 16,
                        .input = {1, 9, 9},
                        .kernel = {1, 3, 3},
                        .pad_begin = {0, 1, 1},
                        .pad_end = {0, 1, 1}};
  const Bf16Image image(shape, ImageLayout::Plain);
  const size_t rows = shape.output()[1];
  std::vector<Bf16> memory(image.size(rows), 0xffff);
  image.fill(bf16_kernel(), random_floats(3 * 81, 1).data(), {}, 0, rows, memory.data());
  for (const int32_t offset : image.offsets(rows))
    for (size_t i = 0; i < (rows - 1) * image.pitch() + shape.output()[2]; ++i)
      for (size_t step = 0; step < bf16_chunk; ++step)
        ASSERT_NE(memory[static_cast<size_t>(offset) + i * image.row_stride() + step], 0xffff);
}

TEST_P(Bf16Test, ConvolutionsInManyParts) {
  check_conv({.batch = 2,
              .in_channels = 3,
              .out_channels = 64,
              .input = {1, 33, 35},
              .kernel = {1, 7, 7},
              .stride = {1, 2, 2},
              .pad_begin = {0, 3, 3},
              .pad_end = {0, 3, 3}},
             pool);
  check_conv({.in_channels = 24,
              .out_channels = 20,
              .input = {1, 31, 40},
              .kernel = {1, 3, 3},
              .pad_begin = {0, 1, 1},
              .pad_end = {0, 1, 1}},
             pool);
  check_conv({.in_channels = 160, .out_channels = 250, .input = {1, 7, 7}}, pool);
  check_conv({.in_channels = 1,
              .out_channels = 9,
              .input = {1, 4, 90},
              .kernel = {1, 2, 41},
              .stride = {1, 1, 3},
              .pad_begin = {0, 0, 50},
              .pad_end = {0, 1, 44}},
             pool);
}

TEST_P(Bf16Test, GroupsAndLines) {
  check_conv({.batch = 2,
              .in_channels = 96,
              .out_channels = 64,
              .groups = 2,
              .input = {1, 5, 6},
              .kernel = {1, 3, 3},
              .pad_begin = {0, 1, 1},
              .pad_end = {0, 1, 1}},
             pool);
  check_conv(
      {.in_channels = 20, .out_channels = 30, .input = {1, 1, 50}, .kernel = {1, 1, 5}, .stride = {1, 1, 2}},
      pool);
}

TEST_P(Bf16Test, ScalesChannels) {
  for (const size_t channels : {20, 40, 64})
    for (const size_t kernel : {1, 3})
      check_conv({.batch = 2,
                  .in_channels = channels,
                  .out_channels = 24,
                  .input = {1, 6, 5},
                  .kernel = {1, kernel, kernel},
                  .pad_begin = {0, 1, 1}},
                 pool, true);
}

ATLAS_TEST_EACH_ISA(Bf16Test);

}  // namespace
}  // namespace atlas::cpu

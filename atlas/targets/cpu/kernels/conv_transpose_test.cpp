#include "atlas/targets/cpu/kernels/conv_transpose.h"

#include <cmath>

#include "atlas/targets/cpu/kernels/conv.h"
#include "atlas/targets/cpu/kernels/kernel_testing.h"

namespace atlas::cpu {
namespace {

using ConvTransposeTest = KernelTest;

/// Scatters what the definition of the forward convolution gathers.
std::vector<double> scatter(const ConvShape& s, const float* weights, const float* x) {
  const Spatial out = s.output();
  std::vector<double> y(s.batch * s.in_channels * volume(s.input));
  const float* from = x;
  for (size_t n = 0; n < s.batch; ++n)
    for (size_t m = 0; m < s.out_channels; ++m)
      for (size_t p = 0; p < volume(out); ++p, ++from)
        for (size_t c = 0; c < s.group_in(); ++c)
          for (size_t t = 0; t < volume(s.kernel); ++t) {
            const size_t tap[3] = {t / s.kernel[2] / s.kernel[1], t / s.kernel[2] % s.kernel[1],
                                   t % s.kernel[2]};
            const size_t o[3] = {p / out[2] / out[1], p / out[2] % out[1], p % out[2]};
            size_t at = n * s.in_channels + m / s.group_out() * s.group_in() + c;
            bool inside = true;
            for (size_t dim = 0; dim < 3; ++dim) {
              const size_t i = o[dim] * s.stride[dim] + tap[dim] * s.dilation[dim] - s.pad_begin[dim];
              inside = inside && i < s.input[dim];
              at = at * s.input[dim] + i;
            }
            if (inside) y[at] += double(*from) * weights[(m * s.group_in() + c) * volume(s.kernel) + t];
          }
  return y;
}

void check(const ConvShape& s, ThreadPool& pool) {
  SCOPED_TRACE(testing::Message() << s.in_channels << "<-" << s.out_channels << " /" << s.groups << " kernel "
                                  << s.kernel[1] << "x" << s.kernel[2] << " stride " << s.stride[2]);
  const auto weights = random_floats(s.out_channels * s.group_in() * volume(s.kernel), 1);
  const auto x = random_floats(s.batch * s.out_channels * volume(s.output()), 2);
  const auto want = scatter(s, weights.data(), x.data());
  const auto bias = random_floats(s.in_channels, 3), residual = random_floats(want.size(), 4);
  const PackedConvTranspose packed(s, weights.data());
  Epilogue epilogue;
  epilogue.row_bias = bias.data();
  epilogue.residual = residual.data();
  std::vector<float> y(want.size());
  conv_transpose(s, packed, x.data(), y.data(), epilogue, pool);
  size_t wrong = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const double value = want[i] + bias[i / volume(s.input) % s.in_channels] + residual[i];
    wrong += !(std::abs(y[i] - value) <= 1e-4);
  }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(ConvTransposeTest, Shapes) {
  check(
      {.in_channels = 24, .out_channels = 96, .input = {1, 40, 42}, .kernel = {1, 2, 2}, .stride = {1, 2, 2}},
      pool);
  check({.batch = 2,
         .in_channels = 5,
         .out_channels = 7,
         .input = {1, 10, 11},
         .kernel = {1, 4, 4},
         .stride = {1, 2, 2},
         .pad_begin = {0, 1, 1},
         .pad_end = {0, 1, 1}},
        pool);
  check({.in_channels = 6,
         .out_channels = 8,
         .groups = 2,
         .input = {1, 9, 9},
         .kernel = {1, 3, 3},
         .dilation = {1, 2, 1},
         .pad_begin = {0, 2, 1},
         .pad_end = {0, 2, 1}},
        pool);
  check({.in_channels = 100,
         .out_channels = 3,
         .input = {1, 1, 30},
         .kernel = {1, 1, 5},
         .stride = {1, 1, 3},
         .pad_begin = {0, 0, 2},
         .pad_end = {0, 0, 1}},
        pool);
  check({.in_channels = 2,
         .out_channels = 3,
         .input = {4, 5, 6},
         .kernel = {2, 2, 3},
         .stride = {2, 1, 2},
         .pad_end = {0, 1, 1}},
        pool);
  check({.in_channels = 2, .out_channels = 3, .input = {1, 7, 7}, .stride = {1, 3, 3}}, pool);
}

TEST_P(ConvTransposeTest, IsTheAdjointOfTheConvolution) {  // <conv(a), b> = <a, transpose(b)>
  const ConvShape s{.in_channels = 3,
                    .out_channels = 5,
                    .input = {1, 12, 13},
                    .kernel = {1, 3, 3},
                    .stride = {1, 2, 1},
                    .pad_begin = {0, 1, 1},
                    .pad_end = {0, 0, 1}};
  const auto weights = random_floats(5 * 3 * 9, 1), a = random_floats(3 * 12 * 13, 2);
  const auto b = random_floats(5 * volume(s.output()), 3);
  std::vector<float> forward(b.size()), back(a.size());
  conv(s, PackedConv(s, weights.data()), a.data(), forward.data(), {}, pool);
  conv_transpose(s, PackedConvTranspose(s, weights.data()), b.data(), back.data(), {}, pool);
  double left = 0, right = 0;
  for (size_t i = 0; i < b.size(); ++i) left += double(forward[i]) * b[i];
  for (size_t i = 0; i < a.size(); ++i) right += double(back[i]) * a[i];
  EXPECT_NEAR(left, right, 1e-3);
}

ATLAS_TEST_EACH_ISA(ConvTransposeTest);

}  // namespace
}  // namespace atlas::cpu

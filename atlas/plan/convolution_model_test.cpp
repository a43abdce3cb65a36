#include "atlas/plan/convolution_model.h"

#include <gtest/gtest.h>

#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

Convolution layer(double kernel, double stride) {
  Convolution op;
  op.format = gemm_format("fp32");
  op.batch = 16;
  op.in_channels = 256;
  op.out_channels = 256;
  op.kernel_h = op.kernel_w = kernel;
  op.in_h = op.in_w = 32;
  op.out_h = op.out_w = 32;
  op.stride = stride;
  return op;
}

// Nothing but arithmetic; Winograd's products at the speed given, its transforms free.
std::vector<double> constants(double winograd2, double winograd4) {
  return {0, 1e6, 2, 1, 1e6, 0, 0, 1, 1e6, 0, 0, 0, winograd2, winograd4, 0, 0};
}

// 1 x 1: 2 x 16 x 32 x 32 x 256 x 256 = 2.147e9 operations at 1e12 are 2147 us.
TEST(ConvolutionModel, OneByOneIsAProduct) {
  const Estimate estimate = predict_convolution(round_chip(), constants(1, 1), layer(1, 1));
  EXPECT_NEAR(estimate.seconds * 1e6, 2 + 2147.5, 0.5);
  EXPECT_DOUBLE_EQ(estimate.operations, 2.0 * 16 * 1024 * 256 * 256);
}

// A 3 x 3 window reads each pixel nine times, but from memory once: 16 x 256 x 32 x 32 f32 in and out and 2.4
// MB of weights, 36 MB at 10e9.
TEST(ConvolutionModel, WindowsThatOverlapAreReadOnce) {
  Chip chip = round_chip();
  chip.dram_bytes_per_s = 10e9;
  chip.l2_bytes = 1e9;
  std::vector<double> plain = constants(0.01, 0.01);
  plain[3] = 1e6;
  plain[4] = 1;
  plain[7] = 1e6;
  const double bytes = (2.0 * 16 * 256 * 1024 + 256.0 * 256 * 9) * 4;
  EXPECT_NEAR(predict_convolution(chip, plain, layer(3, 1)).seconds * 1e6, 2 + bytes / 10e3, 0.1);
}

// 3 x 3 has nine times that. Winograd's 16 products per 4 results instead of 36 leave 4/9, its 36 per 16
// instead of 144 a quarter.
TEST(ConvolutionModel, WinogradSavesProducts) {
  const double direct = 9 * 2147.48;
  const double never = 0.01;
  EXPECT_NEAR(predict_convolution(round_chip(), constants(never, never), layer(3, 1)).seconds * 1e6,
              2 + direct, 2);
  EXPECT_NEAR(predict_convolution(round_chip(), constants(1, never), layer(3, 1)).seconds * 1e6,
              2 + direct * 4 / 9, 2);
  EXPECT_NEAR(predict_convolution(round_chip(), constants(never, 1), layer(3, 1)).seconds * 1e6,
              2 + direct / 4, 2);
}

// 5 x 5 pixels and 40 channels fill a part of 8 x 16 and two of 32, but take as long: of 3 pictures 6 blocks
// on 4 cores, 1.75 waves of 2 x 16 x 32 x 32 x 256 operations at 0.25e12. Cout x Cin x 16 transformed weights
// of 4 bytes move once at 100e9.
TEST(ConvolutionModel, FusedWinogradTakesWholeBlocks) {
  Convolution op = layer(3, 1);
  op.batch = 3;
  op.out_channels = 40;
  op.in_h = op.in_w = op.out_h = op.out_w = 5;
  std::vector<double> plain = constants(1, 0.01);
  const double blocks = 1.75 * 2 * 16 * 32 * 32 * 256 / 0.25e6;
  EXPECT_NEAR(predict_convolution(round_chip(), plain, op).seconds * 1e6, 2 + blocks, 0.1);
  plain[15] = 1;
  EXPECT_NEAR(predict_convolution(round_chip(), plain, op).seconds * 1e6,
              2 + blocks + 16.0 * 40 * 256 * 4 / 100e3, 0.1);
}

// 25 pixels and 32 channels are one tile of 128 x 32 on one core, all of K = 2304: 2 x 128 x 32 x 2304 at
// 0.25e12.
TEST(ConvolutionModel, VectorUnitsGatherWholeTilesAndDoNotSplit) {
  Convolution op = layer(3, 2);
  op.batch = 1;
  op.out_channels = 32;
  op.out_h = op.out_w = 5;
  std::vector<double> plain = constants(1, 1);
  plain[1] = 0;
  EXPECT_NEAR(predict_convolution(round_chip(), plain, op).seconds * 1e6, 2 + 2.0 * 128 * 32 * 2304 / 0.25e6,
              0.1);
}

TEST(ConvolutionModel, WinogradIsForStrideOne) {
  EXPECT_NEAR(predict_convolution(round_chip(), constants(1, 1), layer(3, 2)).seconds * 1e6, 2 + 9 * 2147.48,
              2);
}

// A channel per group: 16 x 256 x 32 x 32 f32 in and out are 33.6 MB, with 9 KB of weights 335.6 us at 100e9;
// the 75.5e6 operations would take 75.5 us at 1e12.
TEST(ConvolutionModel, AChannelPerGroupStreams) {
  Convolution op = layer(3, 1);
  op.groups = 256;
  std::vector<double> plain = constants(1, 1);
  plain[4] = 1;
  const Estimate estimate = predict_convolution(round_chip(), plain, op);
  EXPECT_NEAR(estimate.seconds * 1e6, 2 + (2 * 16 * 256 * 1024 * 4 + 256 * 9 * 4) / 100e3, 0.1);
  EXPECT_EQ(estimate.limit, Limit::Memory);
  EXPECT_DOUBLE_EQ(estimate.operations, 2.0 * 16 * 1024 * 256 * 9);
}

TEST(ConvolutionModel, NamesTheConstantsThatItShares) {
  EXPECT_EQ(kConvolutionFamily.parameters[2].name, "launch_us");
  EXPECT_EQ(kConvolutionFamily.parameters[3].name, "arithmetic");
  EXPECT_EQ(kConvolutionFamily.parameters[4].name, "bandwidth");
  EXPECT_EQ(kConvolutionFamily.parameters[5].name, "fill_us");
}

TEST(ConvolutionModel, HasTheConstantsOfProductsFirst) {
  for (std::size_t i = 0; i < kGemmFamily.parameters.size(); ++i)
    EXPECT_EQ(kConvolutionFamily.parameters[i].name, kGemmFamily.parameters[i].name);
}

}  // namespace
}  // namespace atlas

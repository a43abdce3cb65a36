#include "atlas/plan/gemm_model.h"

#include <gtest/gtest.h>

#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

// Nothing but the flows: no overheads, every tile at full rate, no split (it would cost a second).
struct Constants {
  double least_step = 0, split_latency_us = 1e6, launch_us = 2, arithmetic = 1, bandwidth = 1, fill_us = 0,
         feed = 0, ramp = 1, l2 = 1e3, drain = 0, prepare = 1, overlap = 0;
  std::vector<double> values() const {
    return {least_step, split_latency_us, launch_us, arithmetic, bandwidth, fill_us, feed, ramp, l2,
            drain,      prepare,          overlap};
  }
};

Estimate time_of(const Constants& constants, const Gemm& gemm, const Chip& chip = round_chip()) {
  return predict_gemm(chip, constants.values(), gemm);
}

const GemmFormat* bf16() {
  return gemm_format("bfloat16");
}

// 2 x 1024^3 = 2.147e9 operations at 8e12 per second are 268.4 us, in 8 whole waves of 4 tiles of 128 x 256.
// Memory takes 3 x 2 MiB / 100e9 = 62.9 us meanwhile.
TEST(GemmModel, ArithmeticDecidesALargeProduct) {
  const Estimate estimate = time_of({}, {1, 1024, 1024, 1024, bf16()});
  EXPECT_NEAR(estimate.seconds * 1e6, 2 + 268.4, 0.1);
  EXPECT_EQ(estimate.limit, Limit::Compute);
  EXPECT_DOUBLE_EQ(estimate.operations, 2.0 * 1024 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(estimate.bytes, 3.0 * 2 * 1024 * 1024);
}

// Half of what memory does meanwhile shows; of a vector engine nothing: 2.147e9 at 1e12 are 2147 us.
TEST(GemmModel, OfAMatrixEngineTheShorterFlowsShow) {
  Constants constants;
  constants.overlap = 0.5;
  Chip chip = round_chip();
  chip.l2_bytes = 1e9;  // operands are read once
  EXPECT_NEAR(time_of(constants, {1, 1024, 1024, 1024, bf16()}, chip).seconds * 1e6, 2 + 268.4 + 62.9 / 2,
              0.1);
  EXPECT_NEAR(time_of(constants, {1, 1024, 1024, 1024, gemm_format("fp32")}, chip).seconds * 1e6, 2 + 2147.5,
              0.1);
}

// One row: 2 x 4096 x 4096 = 33.6 MB of weights at 100e9 are 335.5 us, and 16 KB of vectors 0.2 us.
TEST(GemmModel, MemoryDecidesAProductWithAVector) {
  const Estimate estimate = time_of({}, {1, 1, 4096, 4096, bf16()});
  EXPECT_NEAR(estimate.seconds * 1e6, 2 + 335.5 + 0.2, 0.1);
  EXPECT_EQ(estimate.limit, Limit::Memory);
}

// Where a small tile's step costs as much as the largest's, 640 x 256 is 5 tiles of 128 x 256: 2 waves on 4
// cores, each 2 x 128 x 256 x 1024 / 2e12 = 33.55 us.
TEST(GemmModel, WavesAreWhole) {
  Constants constants;
  constants.least_step = 1;
  const Estimate estimate = time_of(constants, {1, 640, 256, 1024, bf16()});
  EXPECT_NEAR(estimate.seconds * 1e6, 2 + 2 * 33.55, 0.1);
}

// One tile keeps one of 4 cores busy: 2 x 128 x 256 x 65536 / 2e12 = 2147 us. Split in four, each core does a
// quarter in 537 us; the partial sums meet for 10 us.
TEST(GemmModel, SplitsALongK) {
  Constants constants;
  constants.least_step = 1;
  constants.split_latency_us = 10;
  Chip chip = round_chip();
  chip.dram_bytes_per_s = 1e12;  // 50 MB of operands in 50 us: not what decides
  EXPECT_NEAR(time_of(constants, {1, 128, 256, 65536, bf16()}, chip).seconds * 1e6, 2 + 536.9 + 10, 0.2);
}

// A and B take 524,288 bytes each, C 33.55 MB. An L2 of 1 MB holds B (up to 0.6 of it): each is read
// once, 34.6 MB. One of 0.5 MB holds neither: 4 tiles in flight are 2 x 2 of 128 x 256, A is read for each of
// 16 / 2 bands of columns: 7 x 524,288 bytes or 36.7 us more.
TEST(GemmModel, OperandsThatL2HoldsAreReadOnce) {
  Constants constants;
  constants.least_step = 1e-6;
  Chip fast = round_chip();
  fast.matrix["bf16"] = 1e18;
  const Gemm gemm{1, 4096, 4096, 64, bf16()};
  const double held = time_of(constants, gemm, fast).seconds;
  EXPECT_NEAR(held * 1e6, 2 + (2 * 524288 + 33554432) / 100e3, 0.1);
  fast.l2_bytes = 0.5e6;
  EXPECT_NEAR((time_of(constants, gemm, fast).seconds - held) * 1e6, 7 * 524288 / 100e3, 0.1);
}

// Feeding costs as much as arithmetic at an edge of 128 + 256 harmonic: the largest tile keeps the full rate,
// and one of 64 x 64 has (1 + 64 x (1/128 + 1/256)) / (1 + 64 x 2/64) = 1.75 / 3 of it.
TEST(GemmModel, SmallTilesStarve) {
  Constants constants;
  constants.feed = 64;
  constants.bandwidth = 1e3;
  const Estimate small = time_of(constants, {4, 64, 64, 4096, bf16()});  // four tiles, one per core
  // Smaller tiles would need more waves at less speed still.
  EXPECT_NEAR(small.seconds * 1e6, 2 + 2 * 64 * 64 * 4096 / 2e6 * 3 / 1.75, 0.1);
}

// f32 runs on the vector engine: 2 x 512^3 / 1e12 = 268.4 us in whole waves of 128 x 128.
TEST(GemmModel, FullPrecisionRunsOnTheVectorEngine) {
  EXPECT_NEAR(time_of({}, {1, 512, 512, 512, gemm_format("fp32")}).seconds * 1e6, 2 + 268.4, 0.1);
}

// Quantising 4096 x 64 activations reads two bytes and writes one of each: 786,432 bytes, 7.9 us.
TEST(GemmModel, QuantisingActivationsIsAPassOfItsOwn) {
  Constants without;
  without.prepare = 0;
  const Gemm gemm{1, 4096, 64, 64, gemm_format("fp8")};
  EXPECT_NEAR((time_of({}, gemm).seconds - time_of(without, gemm).seconds) * 1e6, 7.86, 0.01);
}

TEST(GemmModel, KnowsTheNamesOfTables) {
  for (const char* name :
       {"bfloat16", "fp16", "fp32", "fp8", "fp8_block", "nvfp4", "int8_wo", "int4_wo", "sq"})
    EXPECT_NE(gemm_format(name), nullptr) << name;
  EXPECT_EQ(gemm_format("float"), nullptr);
  EXPECT_EQ(kGemmFamily.parameters.size(), Constants().values().size());
}

}  // namespace
}  // namespace atlas

#include "atlas/plan/attention_model.h"

#include <gtest/gtest.h>

#include "atlas/plan/plan_testing.h"

namespace atlas {
namespace {

Attention prompt(double batch, double queries, double heads, double kv_heads) {
  Attention at;
  at.batch = batch;
  at.queries = queries;
  at.heads = heads;
  at.kv_heads = kv_heads;
  return at;
}

// launch, arithmetic, exponentials, prepare, fill, bandwidth, window_fill, short_fill, tail
const std::vector<double> kPlain = {5, 1, 0, 0, 0, 1, 0, 1, 0};

// 256 queries are 2 rows of tiles, of which 3 lie on or below the diagonal. A tile takes 4 x 128 x 128 x 128
// / 2e12 = 4.194 us; 4 heads on 4 cores: 12.58 us. Queries, results, keys and values are 256 x 128 x (4 + 4 +
// 4 + 4) x 2 bytes = 1.049 MB, 10.49 us.
TEST(Prefill, ComputesTilesBelowTheDiagonal) {
  const Estimate estimate = predict_prefill(round_chip(), kPlain, prompt(1, 256, 4, 4));
  EXPECT_NEAR(estimate.seconds * 1e6, 5 + 12.58 + 10.49, 0.02);
  EXPECT_EQ(estimate.limit, Limit::Compute);
  EXPECT_DOUBLE_EQ(estimate.operations, 4.0 * 4 * (256 * 257 / 2) * 128);
}

// One head of 1024 queries: 36 tiles on 4 cores would be 9 each, 37.7 us. The last row of 8 tiles takes 33.6
// us, so that spreading still decides; of 256 queries, 3 / 4 tiles are less than the last row's 2.
TEST(Prefill, OneRowOfTilesCannotBeSpread) {
  const Attention at = prompt(1, 256, 1, 1);
  const Estimate estimate = predict_prefill(round_chip(), kPlain, at);
  EXPECT_NEAR(estimate.seconds * 1e6, 5 + 2 * 4.194 + 256 * 128 * 8 / 100e3, 0.02);
  EXPECT_EQ(estimate.limit, Limit::Latency);
}

// 4 heads: half of the last row's 2 tiles comes behind the 3 that each core computes.
TEST(Prefill, CoresWaitForTheLongestRow) {
  std::vector<double> constants = kPlain;
  constants[8] = 0.5;
  EXPECT_NEAR(predict_prefill(round_chip(), constants, prompt(1, 256, 4, 4)).seconds * 1e6,
              5 + (3 + 0.5 * 2) * 4.194 + 10.49, 0.02);
}

// A window of 128 keys leaves each row at most two tiles: 8 rows have 2 x 3 / 2 + 6 x 2 = 15 of 36.
TEST(Prefill, AWindowLeavesABand) {
  Attention at = prompt(1, 1024, 4, 4);
  const double bytes = 1024 * 128 * 32;
  EXPECT_NEAR(predict_prefill(round_chip(), kPlain, at).seconds * 1e6, 5 + 36 * 4.194 + bytes / 100e3, 0.1);
  at.window = 128;
  EXPECT_NEAR(predict_prefill(round_chip(), kPlain, at).seconds * 1e6, 5 + 15 * 4.194 + bytes / 100e3, 0.1);
}

// Exponentials: 128 x 128 of a tile on a core's share of 64e9 per second, 1.024 us more per tile.
TEST(Prefill, ExponentialsThatNothingHidesAdd) {
  std::vector<double> constants = kPlain;
  constants[2] = 1;
  const Attention at = prompt(1, 256, 4, 4);
  const double more = predict_prefill(round_chip(), constants, at).seconds -
                      predict_prefill(round_chip(), kPlain, at).seconds;
  EXPECT_NEAR(more * 1e6, 3 * 1.024, 0.01);
}

// pack, single, packed, window, launch, single_bandwidth, packed_bandwidth, ramp, reduce, vector, output, l2,
// chunk
std::vector<double> decoding() {
  return {30, 0, 0, 0, 5, 1, 1, 1, 2, 1, 0, 1e3, 0};
}

Attention step(double batch, double past, double heads, double kv_heads) {
  Attention at = prompt(batch, 1, heads, kv_heads);
  at.past = past;
  return at;
}

// Keys and values: 4 heads x 1024 tokens x 128 x 2 x 2 bytes = 2.097 MB at 100e9 are 20.97 us. 4 units feed 4
// cores.
TEST(Decode, StreamsTheCache) {
  const Estimate estimate = predict_decode(round_chip(), decoding(), step(1, 1023, 4, 4));
  EXPECT_NEAR(estimate.seconds * 1e6, 5 + 20.97, 0.01);
  EXPECT_EQ(estimate.limit, Limit::Memory);
}

// One head draws a quarter of the bandwidth: 0.524 MB in 20.97 us. Split in four it takes 5.24 us and 2 us to
// meet.
TEST(Decode, SplitsKeysSoThatAllCoresStream) {
  EXPECT_NEAR(predict_decode(round_chip(), decoding(), step(1, 1023, 1, 1)).seconds * 1e6, 5 + 5.24 + 2,
              0.01);
  std::vector<double> constants = decoding();
  constants[8] = 100;  // where meeting costs more, nothing is split
  EXPECT_NEAR(predict_decode(round_chip(), constants, step(1, 1023, 1, 1)).seconds * 1e6, 5 + 20.97, 0.01);
}

// 4 x 40 query heads on 4 key heads, more than a kernel takes together: 4 x 160 x 1024 x 128 = 83.9 million
// operations at 1e12 in f32 are 83.9 us. Together they would only stream: 20.97 us.
TEST(Decode, TooManyQueryHeadsPerKeyHeadComputeByThemselves) {
  const Estimate alone = predict_decode(round_chip(), decoding(), step(1, 1023, 160, 4));
  EXPECT_NEAR(alone.seconds * 1e6, 5 + 83.9, 0.1);
  EXPECT_EQ(alone.limit, Limit::Compute);
  std::vector<double> constants = decoding();
  constants[0] = 50;
  EXPECT_NEAR(predict_decode(round_chip(), constants, step(1, 1023, 160, 4)).seconds * 1e6, 5 + 20.97, 0.01);
}

// 5 sequences on 4 cores, 10 us per wave: of 2 query heads each in two waves, of 1 together.
TEST(Decode, SeveralQueryHeadsHaveACoreToThemselves) {
  std::vector<double> constants = decoding();
  constants[1] = constants[2] = 10;
  EXPECT_NEAR(predict_decode(round_chip(), constants, step(5, 15, 2, 1)).seconds * 1e6, 5 + 20, 0.01);
  EXPECT_NEAR(predict_decode(round_chip(), constants, step(5, 15, 1, 1)).seconds * 1e6, 5 + 10, 0.01);
}

// A window of 128 keys leaves an eighth of the cache to read.
TEST(Decode, AWindowCutsTheCache) {
  Attention at = step(1, 1023, 4, 4);
  at.window = 128;
  EXPECT_NEAR(predict_decode(round_chip(), decoding(), at).seconds * 1e6, 5 + 20.97 / 8, 0.01);
}

TEST(AttentionModel, ConstantsAreInOrder) {
  EXPECT_EQ(kPrefillFamily.parameters.size(), kPlain.size());
  EXPECT_EQ(kDecodeFamily.parameters.size(), decoding().size());
}

}  // namespace
}  // namespace atlas

#include "atlas/pipeline/post/detection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/pipeline/post/anchors.h"

namespace atlas {
namespace {

/// A square of side 10 whose left edge is at `x`; two that are 5 apart overlap by 50 / 150.
Detection square(float x, float score, std::int64_t label = 0) {
  return {.box = {x, 0, x + 10, 10}, .score = score, .label = label, .points = {{x, 1}}};
}

std::vector<float> lefts(const std::vector<Detection>& found) {
  std::vector<float> out;
  for (const Detection& one : found) out.push_back(one.box.left);
  return out;
}

TEST(Detection, OverlapIsIntersectionOverUnion) {
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {5, 0, 15, 10}), 1.0f / 3);
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_EQ(overlap({0, 0, 10, 10}, {10, 0, 20, 10}), 0);
  EXPECT_EQ(overlap({5, 5, 5, 5}, {5, 5, 5, 5}), 0);
  EXPECT_EQ(overlap({10, 10, 0, 0}, {0, 0, 10, 10}), 0);
}

TEST(Suppress, KeepsTheBestOfThoseThatOverlap) {
  const std::vector<Detection> found{square(0, 0.6f), square(5, 0.9f), square(10, 0.5f), square(40, 0.7f),
                                     square(80, 0.1f)};
  SuppressionOptions options{.most_overlap = 0.3f};
  EXPECT_EQ(lefts(suppress(found, options)), (std::vector<float>{5, 40}));
  options.most_overlap = 0.34f;
  EXPECT_EQ(lefts(suppress(found, options)), (std::vector<float>{5, 40, 0, 10}));
  options.most = 2;
  EXPECT_EQ(lefts(suppress(found, options)), (std::vector<float>{5, 40}));
}

TEST(Suppress, LooksAtLabelsUnlessToldOtherwise) {
  const std::vector<Detection> found{square(0, 0.9f, 1), square(1, 0.8f, 2)};
  EXPECT_EQ(suppress(found, {}).size(), 2u);
  EXPECT_EQ(suppress(found, {.across_labels = true}).size(), 1u);
}

TEST(Suppress, WeightedTakesTheMean) {
  const std::vector<Detection> found =
      suppress({square(0, 0.75f), square(4, 0.25f)}, {.method = Suppression::Weighted, .most_overlap = 0.3f});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(found[0].score, 0.75f);
  EXPECT_FLOAT_EQ(found[0].box.left, 1);  // (0 x 0.75 + 4 x 0.25) / 1
  EXPECT_FLOAT_EQ(found[0].box.right, 11);
  EXPECT_FLOAT_EQ(found[0].points[0].x, 1);
}

TEST(Suppress, SoftLowersScores) {
  const std::vector<Detection> found = suppress({square(0, 0.9f), square(5, 0.8f), square(30, 0.7f)},
                                                {.method = Suppression::Soft, .least_score = 0.1f});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[1].box.left, 30);  // the other fell behind it
  EXPECT_NEAR(found[2].score, 0.8 * std::exp(-1.0 / 9 / 0.5), 1e-6);
  EXPECT_EQ(suppress({square(0, 0.9f), square(5, 0.8f)}, {.method = Suppression::Soft, .least_score = 0.65f})
                .size(),
            1u);
}

TEST(Suppress, LeavesOutWhatIsNotFinite) {
  Detection wild = square(0, 0.9f);
  wild.box.right = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(suppress({wild, square(3, std::numeric_limits<float>::quiet_NaN())}, {}).empty());
  const Detection flat{.box = {5, 5, 5, 5}, .score = 0.9f};
  EXPECT_EQ(suppress({flat, flat}, {}).size(), 2u);
}

TEST(Detection, ComesBackToTheOriginal) {
  std::vector<Detection> found{{.box = {-5, 20, 30, 60}, .points = {{20, 30}}}};
  map_to_original(found, {.scale_x = 0.5f, .scale_y = 0.5f, .left = 0, .top = 10}, {90, 50});
  EXPECT_FLOAT_EQ(found[0].box.left, 0);
  EXPECT_FLOAT_EQ(found[0].box.top, 20);
  EXPECT_FLOAT_EQ(found[0].box.right, 50);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 90);
  EXPECT_FLOAT_EQ(found[0].points[0].x, 40);
  EXPECT_FLOAT_EQ(found[0].points[0].y, 40);
}

TEST(Anchors, StandInTheMiddleOfCells) {
  const std::vector<AnchorLayer> layers{{16, {{4, 4}, {8, 2}}}, {32, {{1, 1}}}};
  const std::vector<Anchor> all = anchors(layers, {32, 40});
  ASSERT_EQ(all.size(), 2u * 3 * 2 + 1 * 2);
  EXPECT_FLOAT_EQ(all[3].x, 24);
  EXPECT_FLOAT_EQ(all[3].y, 8);
  EXPECT_FLOAT_EQ(all[3].width, 8);
  EXPECT_FLOAT_EQ(all.back().x, 48);
  EXPECT_THROW(anchors(std::vector<AnchorLayer>{{1, {{1, 1}}}}, {1 << 14, 1 << 14}), Error);
}

TEST(Anchors, SsdSizesAreThoseOfThePaper) {
  const auto sizes = ssd_sizes(0.2f, 0.45f, std::vector<float>{4}, 100);
  ASSERT_EQ(sizes.size(), 4u);
  EXPECT_FLOAT_EQ(sizes[0][0], 20);
  EXPECT_FLOAT_EQ(sizes[1][0], 30);
  EXPECT_FLOAT_EQ(sizes[2][0], 40);
  EXPECT_FLOAT_EQ(sizes[2][1], 10);
  EXPECT_FLOAT_EQ(sizes[3][1], 40);
}

TEST(Anchors, DecodeOffsetsInPixels) {
  const std::vector<Anchor> all{{8, 8, 0, 0}, {24, 8, 0, 0}};
  const Tensor boxes = Tensor::of<float>({2, 6}, {0, 0, 1, 1, 0, 0, 2, -1, 10, 6, 1, 3});
  const auto found =
      decode_anchors(all, boxes, std::vector<float>{0.1f, 0.9f}, {.form = AnchorCode::Form::Pixels}, 0.5f);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(found[0].box.left, 24 + 2 - 5);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 8 - 1 + 3);
  EXPECT_FLOAT_EQ(found[0].points[0].x, 25);
  EXPECT_FLOAT_EQ(found[0].points[0].y, 11);
}

TEST(Anchors, DecodeOffsetsRelativeToThem) {
  // The formula of SSD, by hand: x = 50 + 1 x 0.1 x 20, width = 20 x exp(ln 2 / 0.2 x 0.2).
  const std::vector<Anchor> all{{50, 40, 20, 10}};
  const Tensor boxes = Tensor::of<float>({1, 4}, {1, -2, std::log(2.0f) / 0.2f, 0});
  const auto found = decode_anchors(all, boxes, std::vector<float>{0.2f, 0.7f, 0.6f}, {}, 0.5f);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_EQ(found[1].label, 2);
  EXPECT_FLOAT_EQ(found[0].box.left, 52 - 20);
  EXPECT_FLOAT_EQ(found[0].box.right, 52 + 20);
  EXPECT_FLOAT_EQ(found[0].box.top, 38 - 5);
  EXPECT_THROW(decode_anchors(all, Tensor(DType::F32, {1, 3}), std::vector<float>{1}, {}, 0), Error);
  EXPECT_THROW(decode_anchors(all, boxes, {}, {}, 0), Error);
}

}  // namespace
}  // namespace atlas

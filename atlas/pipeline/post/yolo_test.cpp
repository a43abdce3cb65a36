#include "atlas/pipeline/post/yolo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::ElementsAre;

TEST(Yolo, V5MultipliesObjectness) {
  const Tensor output = Tensor::of<float>({1, 3, 7}, {50, 40, 20, 10, 0.8f, 0.1f, 0.5f,  // 0.4, label 1
                                                      10, 10, 4,  4,  0.2f, 1,    1,     // objectness too low
                                                      10, 10, 4,  4,  0.5f, 0.4f, 0.3f});  // product too low
  const auto found = decode_yolo(output, {.form = YoloForm::V5, .labels = 2, .least_score = 0.25f});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(found[0].score, 0.4f);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_FLOAT_EQ(found[0].box.left, 40);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 45);
}

TEST(Yolo, V8IsTransposed) {
  // Two boxes: numbers of one kind lie side by side.
  const Tensor output = Tensor::of<float>({1, 6, 2}, {50, 8,       // x
                                                      40, 8,       // y
                                                      20, 4,       // width
                                                      10, 4,       // height
                                                      0.3f, 0.9f,  // label 0
                                                      0.6f, 0.1f});
  const auto found = decode_yolo(output, {.form = YoloForm::V8, .labels = 2});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_FLOAT_EQ(found[0].score, 0.6f);
  EXPECT_FLOAT_EQ(found[0].box.right, 60);
  EXPECT_EQ(found[1].label, 0);
  EXPECT_FLOAT_EQ(found[1].box.top, 6);
}

TEST(Yolo, PointsAndMaskCoefficientsFollow) {
  const Tensor output = Tensor::of<float>({1, 4 + 1 + 3 + 2, 1}, {5, 5, 2, 2, 0.9f, 4, 6, 0.7f, -1, 2});
  const auto found = decode_yolo(output, {.labels = 1, .points = 1, .coefficients = 2});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(found[0].points[0].x, 4);
  EXPECT_FLOAT_EQ(found[0].points[0].y, 6);
  EXPECT_THAT(found[0].point_scores, ElementsAre(0.7f));
  EXPECT_THAT(found[0].coefficients, ElementsAre(-1, 2));
}

TEST(Yolo, FinalBoxesAreCorners) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor output =
      Tensor::of<float>({1, 3, 6}, {1, 2, 3, 4, 0.5f, 7, 1, 2, 3, 4, 0.1f, 7, 1, 2, 3, 4, 0.9f, nan});
  const auto found = decode_yolo(output, {.form = YoloForm::Final});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].label, 7);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 4);
}

TEST(Yolo, RefusesOtherShapes) {
  const auto message = [](const Tensor& output, const YoloOptions& options) -> std::string {
    try {
      decode_yolo(output, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(Tensor(DType::F32, {1, 85, 9}), {}), "YOLO: expected f32[1,84,boxes], got f32[1,85,9]");
  EXPECT_EQ(message(Tensor(DType::F32, {1, 84, 9}), {.form = YoloForm::V5}),
            "YOLO: expected f32[1,boxes,85], got f32[1,84,9]");
}

TEST(Boxes, ComeInPixelsOrInSizesOfTheInput) {
  const Tensor boxes = Tensor::of<float>({1, 2, 4}, {0.1f, 0.2f, 0.5f, 0.6f, 0, 0, 1, 1});
  const Tensor scores = Tensor::of<float>({1, 2}, {0.9f, 0.1f});
  const Tensor labels = Tensor::of<float>({1, 2}, {3, 4});
  const auto found = decode_boxes(boxes, scores, labels, {true, true}, {100, 200}, 0.5f);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].label, 3);
  EXPECT_FLOAT_EQ(found[0].box.left, 40);
  EXPECT_FLOAT_EQ(found[0].box.top, 10);
  EXPECT_FLOAT_EQ(found[0].box.right, 120);
  EXPECT_FLOAT_EQ(decode_boxes(boxes, scores, labels, {}, {100, 200}, 0.5f)[0].box.top, 0.2f);
  EXPECT_THROW(decode_boxes(scores, scores, labels, {}, {100, 200}, 0.5f), Error);
}

}  // namespace
}  // namespace atlas

#include "atlas/pipeline/post/detector_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::HasSubstr;

std::string message_of(const DetectorOptions& options, const std::vector<std::string>& outputs) {
  try {
    DetectorOutput(options, outputs);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// An SSD with two anchors a cell on a 2 x 1 grid.
DetectorOptions ssd() {
  return {.form = DetectorForm::Anchors,
          .strides = {16},
          .anchors_per_cell = {2},
          .anchor_widths = {8, 16},
          .anchor_heights = {8, 4},
          .scores_are_logits = true,
          .input = {16, 32},
          .least_score = 0.6f};
}

TEST(DetectorOutput, DecodesAnchorsAndLeavesBackgroundOut) {
  const DetectorOutput output(ssd(), std::vector<std::string>{"boxes", "scores"});
  Tensor boxes(DType::F32, {1, 4, 4});
  std::ranges::fill(boxes.values_mutable<float>(), 0.0f);
  // Background, thing 0, thing 1; the third anchor (8 x 8 at 24, 8) is thing 1 by e^3 against 2 x 1.
  const Tensor scores = Tensor::of<float>({1, 4, 3}, {9, 0, 0, 0, 0, 0, 0, 0, 3, 9, 0, 0});
  const auto found = output.decode({boxes, scores});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, std::exp(3) / (std::exp(3) + 2), 1e-6);
  EXPECT_FLOAT_EQ(found[0].box.left, 20);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 12);
}

TEST(DetectorOutput, FindsOutputsByName) {
  DetectorOptions options{.form = DetectorForm::Boxes, .boxes = "b", .scores = "s", .label_numbers = "l"};
  const DetectorOutput output(options, std::vector<std::string>{"l", "s", "b"});
  const auto found = output.decode({Tensor::of<std::int64_t>({1}, {6}), Tensor::of<float>({1}, {0.9f}),
                                    Tensor::of<float>({1, 4}, {1, 2, 3, 4})});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].label, 6);
  EXPECT_FLOAT_EQ(found[0].box.right, 3);
  options.scores = "p";
  EXPECT_EQ(message_of(options, {"l", "s", "b"}), "detector: no output 'p' (the model has l, s, b)");
}

TEST(DetectorOutput, SaysWhatContradicts) {
  DetectorOptions options = ssd();
  options.anchor_widths.pop_back();
  EXPECT_THAT(message_of(options, {"b", "s"}), HasSubstr("as many widths and heights as they add up to (2)"));
  EXPECT_THAT(message_of(ssd(), {"b"}), HasSubstr("expected 2 outputs at least, got 1"));
  EXPECT_THAT(message_of({.mask_coefficients = 32}, {"b"}), HasSubstr("second output with prototypes"));
  const DetectorOutput output(ssd(), std::vector<std::string>{"b", "s"});
  EXPECT_THROW(output.decode({Tensor(DType::F32, {1, 4, 4}), Tensor(DType::F32, {1, 5, 3})}), Error);
}

}  // namespace
}  // namespace atlas

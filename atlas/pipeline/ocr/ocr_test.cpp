// Boxes, decoding and the stages together, with models that are plain functions.
#include "atlas/pipeline/ocr/ocr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/pipeline/image/perspective.h"
#include "atlas/pipeline/ocr/dictionary.h"
#include "atlas/pipeline/post/ctc.h"

namespace atlas {
namespace {

using testing::HasSubstr;

template <typename Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// A map [1,1,64,96] with probability 0.9 in these rectangles (left, top, right, bottom).
Tensor map_with(std::initializer_list<std::array<int, 4>> rectangles) {
  Tensor out(DType::F32, {1, 1, 64, 96});
  std::ranges::fill(out.values_mutable<float>(), 0.05f);
  for (const auto& [left, top, right, bottom] : rectangles)
    for (int y = top; y <= bottom; ++y)
      for (int x = left; x <= right; ++x)
        out.values_mutable<float>()[static_cast<std::size_t>(y * 96 + x)] = 0.9f;
  return out;
}

TEST(TextBoxes, GrowsBackAndScales) {
  const std::vector<TextBox> boxes = text_boxes(map_with({{20, 20, 60, 30}}), {128, 192}, {});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_NEAR(boxes[0].score, 0.9, 1e-4);
  // 40 x 10 grows by 400 * 1.5 / 100 = 6 on each side, then doubles.
  EXPECT_NEAR(boxes[0].corners[0].x, 28, 1);
  EXPECT_NEAR(boxes[0].corners[0].y, 28, 1);
  EXPECT_NEAR(boxes[0].corners[2].x, 132, 1);
  EXPECT_NEAR(boxes[0].corners[2].y, 72, 1);
}

TEST(TextBoxes, LeavesOutWhatIsSmallOrUnsure) {
  EXPECT_TRUE(text_boxes(map_with({{20, 20, 60, 21}}), {64, 96}, {}).empty());
  EXPECT_TRUE(text_boxes(map_with({{20, 20, 60, 30}}), {64, 96}, {.box_threshold = 0.95f}).empty());
  EXPECT_TRUE(text_boxes(map_with({}), {64, 96}, {}).empty());
  Tensor bad = map_with({});
  std::ranges::fill(bad.values_mutable<float>(), std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(text_boxes(bad, {64, 96}, {}).empty());
  EXPECT_THAT(message_of([] {
                text_boxes(Tensor(DType::F32, {2, 1, 4, 4}), {4, 4}, {});
              }),
              HasSubstr("expected one probability map [1,1,height,width], got f32[2,1,4,4]"));
}

TEST(TextBoxes, LeavesOutWhatClippingSquashes) {
  // A diagonal bar across the lower right corner, whose box reaches far outside.
  Tensor map = map_with({});
  for (int y = 44; y < 64; ++y)
    for (int x = 76 + (63 - y) - 4; x < 96; ++x)
      if (x - (76 + (63 - y)) <= 4) map.values_mutable<float>()[static_cast<std::size_t>(y * 96 + x)] = 0.9f;
  for (const float ratio : {0.5f, 1.5f, 5.0f, 10.0f})
    for (const TextBox& box : text_boxes(map, {64, 96}, {.unclip_ratio = ratio}))
      EXPECT_NO_THROW(perspective_crop(Tensor(DType::U8, {64, 96, 3}), box.corners));
}

TEST(TextBoxes, SortsInReadingOrder) {
  const auto box = [](float x, float y) {
    return TextBox{{{{x, y}, {x + 20, y}, {x + 20, y + 10}, {x, y + 10}}}, 1};
  };
  std::vector<TextBox> boxes{box(50, 32), box(60, 2), box(10, 30), box(5, 4)};
  sort_in_reading_order(boxes);
  std::vector<float> lefts;
  for (const TextBox& sorted : boxes) lefts.push_back(sorted.corners[0].x);
  EXPECT_THAT(lefts, testing::ElementsAre(5, 60, 10, 50));
}

TEST(Ctc, MergesRepeatsAndDropsBlanks) {
  const std::vector<std::string> labels{"", "a", "b"};
  const Tensor steps = Tensor::of<float>({1, 6, 3}, {0.1f, 0.8f, 0.1f,    // a
                                                     0.1f, 0.9f, 0,       // a again
                                                     0.9f, 0.1f, 0,       // blank
                                                     0.1f, 0.6f, 0.3f,    // a
                                                     0, 0, 1,             // b
                                                     0.5f, 0.3f, 0.2f});  // blank
  const DecodedText decoded = ctc_greedy(steps, 0, labels);
  EXPECT_EQ(decoded.text, "aab");
  EXPECT_NEAR(decoded.confidence, (0.8 + 0.6 + 1) / 3, 1e-6);
  EXPECT_EQ(ctc_greedy(Tensor(DType::F32, {1, 0, 3}), 0, labels).confidence, 0);
  EXPECT_THAT(message_of([&] { ctc_greedy(steps, 1, labels); }), HasSubstr("with a row 1, got f32[1,6,3]"));
  EXPECT_THROW(ctc_greedy(steps, 0, std::span(labels).first(2)), Error);
}

struct FakeModels {
  std::vector<Shape> recognised;
  OcrModels models{[](const std::vector<Tensor>&) {
                     return std::vector{map_with({{10, 40, 50, 50}, {10, 10, 50, 20}})};
                   },
                   [](const std::vector<Tensor>& in) {
                     Tensor out(DType::F32, {in[0].dim(0), 2});
                     for (std::size_t i = 0; i < out.element_count(); ++i)
                       out.values_mutable<float>()[i] = i == 1 ? 0.95f : 0.5f;
                     return std::vector{out};
                   },
                   [this](const std::vector<Tensor>& in) {
                     recognised.push_back(in[0].shape());
                     return std::vector{Tensor::of<float>({1, 2, 2}, {0, 1, 1, 0})};
                   }};
};

TEST(Ocr, RunsTheStages) {
  Tensor image(DType::U8, {64, 96, 3});
  std::ranges::fill(image.values_mutable<std::uint8_t>(), 128);
  FakeModels fake;
  OcrOptions options;
  options.labels = {"", "x"};
  const OcrResult result = read_lines(image, fake.models, options);
  ASSERT_EQ(result.lines.size(), 2u);
  EXPECT_EQ(result.lines[0].text, "x");
  EXPECT_TRUE(result.lines[0].is_upside_down);
  EXPECT_FALSE(result.lines[1].is_upside_down);
  EXPECT_LT(result.lines[0].corners[0].y, result.lines[1].corners[0].y);
  EXPECT_EQ(fake.recognised[0], (Shape{1, 3, 48, 320}));

  fake.models.classify = [](const std::vector<Tensor>&) { return std::vector{Tensor(DType::F32, {1, 2})}; };
  EXPECT_THAT(message_of([&] { read_lines(image, fake.models, options); }),
              HasSubstr("text angle: expected probabilities [2,2], got f32[1,2]"));
  fake.models.detect = [](const std::vector<Tensor>&) { return std::vector<Tensor>{}; };
  EXPECT_THAT(message_of([&] { read_lines(image, fake.models, options); }),
              HasSubstr("text detection: expected an f32 output, got none"));
}

TEST(Dictionary, HasOneLabelALine) {
  const auto path = std::filesystem::path(testing::TempDir()) / "keys.txt";
  write_text(path, "a\r\nb\n\xE4\xB8\xAD");
  EXPECT_THAT(read_dictionary(path), testing::ElementsAre("", "a", "b", "\xE4\xB8\xAD", " "));
  write_text(path, "");
  EXPECT_THROW(read_dictionary(path), Error);
}

}  // namespace
}  // namespace atlas

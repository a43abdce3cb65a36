// Resizing, normalising and cropping, against OpenCV's results.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/fit.h"
#include "atlas/pipeline/image/model_input.h"
#include "atlas/pipeline/image/normalize.h"
#include "atlas/pipeline/image/perspective.h"
#include "atlas/pipeline/image/resize.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npz.h"

namespace atlas {
namespace {

using testing::ElementsAre;

std::map<std::string, Tensor> golden(std::string_view file = "opencv.npz") {
  std::map<std::string, Tensor> out;
  for (auto& [name, tensor] : read_npz(std::filesystem::path(ATLAS_TESTDATA) / file)) out[name] = tensor;
  return out;
}

int worst(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape(), b.shape());
  const std::vector<std::int64_t> x = to_ints(a);
  const std::vector<std::int64_t> y = to_ints(b);
  std::int64_t out = 0;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) out = std::max(out, std::abs(x[i] - y[i]));
  return static_cast<int>(out);
}

TEST(Resize, MatchesOpenCv) {
  auto data = golden();
  EXPECT_LE(worst(resize(data["image"], {7, 9}, Interpolation::Bilinear), data["smaller"]), 1);
  EXPECT_LE(worst(resize(data["image"], {31, 40}, Interpolation::Bilinear), data["larger"]), 1);
  EXPECT_EQ(worst(resize(data["image"], {9, 23}, Interpolation::Nearest), data["nearest"]), 0);
  const Tensor floats = from_doubles(DType::F32, data["image"].shape(), to_doubles(data["image"]));
  EXPECT_LE(worst(resize(floats, {7, 9}, Interpolation::Bilinear), data["smaller"]), 1);
  EXPECT_THROW(resize(data["image"], {0, 9}, Interpolation::Bilinear), Error);
  EXPECT_THROW(resize(Tensor(DType::I32, {2, 2, 3}), {1, 1}, Interpolation::Nearest), Error);
}

TEST(Resize, IsWithinALevelOfTheLibraryItIsNamedAfter) {
  auto data = golden("resize.npz");  // made by tools/make_image_golden
  const std::pair<const char*, Interpolation> methods[] = {
      {"nearest", Interpolation::Nearest},
      {"linear", Interpolation::Bilinear},
      {"cubic", Interpolation::Bicubic},
      {"area", Interpolation::Area},
      {"smooth-linear", Interpolation::SmoothBilinear},
      {"smooth-cubic", Interpolation::SmoothBicubic},
      {"lanczos", Interpolation::Lanczos},
  };
  for (const auto& [method, interpolation] : methods)
    for (const ImageSize size : {ImageSize{9, 13}, {37, 41}, {40, 11}, {12, 16}}) {
      const std::string name = fmt::format("{}_{}x{}", method, size.height, size.width);
      ASSERT_TRUE(data.contains(name)) << name;
      EXPECT_LE(worst(resize(data["image"], size, interpolation), data[name]), 1) << name;
    }
  EXPECT_EQ(worst(resize(data["image"], {24, 32}, Interpolation::Lanczos), data["image"]), 0);
}

TEST(Fit, LetterboxIsThatOfUltralytics) {
  auto data = golden("resize.npz");
  const FittedImage fitted = fit(data["image"], {.size = {32, 20}, .mode = FitMode::Letterbox});
  EXPECT_LE(worst(fitted.image, data["letterbox"]), 1);
  const Point corner = fitted.in_original({20, fitted.top + 15});
  EXPECT_FLOAT_EQ(corner.x, 32);
  EXPECT_FLOAT_EQ(corner.y, 24);
}

TEST(Fit, CropKeepsTheMiddle) {
  Tensor image(DType::U8, {4, 6, 1});
  for (std::size_t i = 0; i < 24; ++i) image.values_mutable<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
  const FittedImage fitted = fit(image, {.size = {2, 2}, .mode = FitMode::Crop, .shorter_side = 4});
  EXPECT_THAT(to_doubles(fitted.image), ElementsAre(8, 9, 14, 15));
  EXPECT_FLOAT_EQ(fitted.in_original({0, 0}).x, 2);
  EXPECT_FLOAT_EQ(fitted.in_original({0, 0}).y, 1);
  EXPECT_THROW(fit(image, {.size = {5, 5}, .mode = FitMode::Crop, .shorter_side = 4}), Error);
  EXPECT_THROW(cropped(image, 3, 0, {2, 2}), Error);
}

TEST(Fit, StretchScalesEachAxis) {
  const FittedImage fitted = fit(Tensor(DType::U8, {4, 6, 3}), {.size = {8, 3}});
  EXPECT_FLOAT_EQ(fitted.in_original({3, 8}).x, 6);
  EXPECT_FLOAT_EQ(fitted.in_original({3, 8}).y, 4);
}

TEST(ModelInput, LaysOutChannels) {
  const Tensor image = Tensor::of<std::uint8_t>({1, 2, 3}, {10, 20, 30, 40, 50, 60});
  ImageInputOptions options{.fit = {.size = {1, 2}}, .normalization = {1, {10, 0, 0}, {1, 1, 10}}};
  EXPECT_THAT(to_doubles(image_input(image, options).batch), ElementsAre(0, 30, 20, 50, 3, 6));
  EXPECT_EQ(image_input(image, options).batch.shape(), (Shape{1, 3, 1, 2}));
  options.layout = Layout::ChannelsLast;
  EXPECT_THAT(to_doubles(image_input(image, options).batch), ElementsAre(0, 20, 3, 30, 50, 6));
  EXPECT_EQ(image_input(image, options, DType::F16).batch.dtype(), DType::F16);
  EXPECT_THAT(to_doubles(image_input(image, options, DType::F16).batch), ElementsAre(0, 20, 3, 30, 50, 6));
  options.channels = PixelFormat::BGR;
  EXPECT_THAT(to_doubles(image_input(image, options, DType::U8).batch), ElementsAre(30, 20, 10, 60, 50, 40));
  options.channels = PixelFormat::Grayscale;
  EXPECT_EQ(image_input(image, options).batch.shape(), (Shape{1, 1, 2, 1}));
  EXPECT_THROW(image_input(image, options, DType::I64), Error);
}

TEST(Resize, LimitsTheLongerSide) {
  const auto limited = [](std::int64_t height, std::int64_t width) {
    const ImageSize size = limited_size({height, width}, 960, 32);
    return std::pair(size.height, size.width);
  };
  EXPECT_EQ(limited(600, 800), std::pair(608L, 800L));
  EXPECT_EQ(limited(960, 1280), std::pair(704L, 960L));  // 720 / 32 = 22.5 rounds to even, as in PP-OCR
  EXPECT_EQ(limited(3, 100'000), std::pair(32L, 960L));
}

TEST(Normalize, ScalesAndPutsChannelsFirst) {
  const Tensor image = Tensor::of<std::uint8_t>({1, 2, 3}, {0, 51, 255, 255, 102, 0});
  Tensor batch = image_batch(2, 2, 2);
  put_normalized(image, {1.0f / 255, {0, 0.2f, 0.5f}, {1, 2, 0.5f}}, batch, 1);
  EXPECT_THAT(to_doubles(batch),
              testing::Pointwise(testing::DoubleNear(1e-6),
                                 std::vector<double>{0, 0, 0, 0, 0, 0,   0, 0, 0, 0,  0, 0,
                                                     0, 1, 0, 0, 0, 0.1, 0, 0, 1, -1, 0, 0}));
  EXPECT_THROW(put_normalized(image, {}, batch, 2), Error);
  Tensor narrow = image_batch(1, 1, 1);
  EXPECT_THROW(put_normalized(image, {}, narrow, 0), Error);
}

TEST(Perspective, MatchesOpenCv) {
  auto data = golden();
  Quad quad;
  for (std::size_t i = 0; i < 4; ++i)
    quad[i] = {data["quad"].values<float>()[i * 2], data["quad"].values<float>()[i * 2 + 1]};
  // OpenCV rounds positions to 1/32 of a pixel, which on noise is worth some levels.
  EXPECT_LE(worst(perspective_crop(data["image"], quad), data["crop"]), 12);
  const Tensor whole = perspective_crop(data["image"], {{{0, 0}, {17, 0}, {17, 13}, {0, 13}}});
  EXPECT_EQ(worst(whole, data["image"]), 0);
  EXPECT_THROW(perspective_crop(data["image"], {{{0, 0}, {5, 0}, {5, 0}, {0, 0}}}), Error);
  EXPECT_THROW(perspective_crop(data["image"], {{{0, 0}, {5, 5}, {10, 10}, {3, 3}}}), Error);
  EXPECT_THROW(perspective_crop(data["image"], {{{0, 0}, {1e9f, 0}, {1e9f, 5}, {0, 5}}}), Error);
}

}  // namespace
}  // namespace atlas

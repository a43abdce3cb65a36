// Resizing, normalising and cropping, against OpenCV's results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "atlas/base/error.h"
#include "atlas/pipeline/image/normalize.h"
#include "atlas/pipeline/image/perspective.h"
#include "atlas/pipeline/image/resize.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npz.h"

namespace atlas {
namespace {

using testing::ElementsAre;

std::map<std::string, Tensor> golden() {
  std::map<std::string, Tensor> out;
  for (auto& [name, tensor] : read_npz(std::filesystem::path(ATLAS_TESTDATA) / "opencv.npz"))
    out[name] = tensor;
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

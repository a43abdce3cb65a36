#include "atlas/media/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/media/exif.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npy.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path testdata() {
  return ATLAS_TESTDATA;
}

/// Every picture of testdata: each has, as FILE.npy, what Pillow 13 reads from it.
std::vector<std::filesystem::path> pictures() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(testdata()))
    if (entry.is_regular_file() && entry.path().extension() != ".npy") out.push_back(entry.path());
  return out;
}

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string message_of(std::span<const std::uint8_t> bytes, std::int64_t most_pixels = 1 << 20) {
  try {
    decode_image(bytes, PixelFormat::RGB, {.where = "x", .most_pixels = most_pixels});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Image, DecodesEveryFormatAsPillowDoes) {
  int count = 0;
  for (const auto& path : pictures()) {
    const std::filesystem::path golden = path.string() + ".npy";
    if (!std::filesystem::exists(golden)) continue;
    const Tensor expected = read_npy(golden);
    const Tensor read = decode_image(read_file(path), PixelFormat::RGB, {.turn_upright = false});
    ASSERT_EQ(read.shape(), expected.shape()) << path;
    int worst = 0;
    for (std::size_t i = 0; i < read.element_count(); ++i)
      worst = std::max(worst, std::abs(read.values<std::uint8_t>()[i] - expected.values<std::uint8_t>()[i]));
    EXPECT_EQ(worst, 0) << path;
    ++count;
  }
  EXPECT_GE(count, 20);
}

TEST(Image, GivesTheFormatAskedFor) {
  const auto bytes = bytes_of("P6 1 1 255\n\x64\xC8\x32");
  EXPECT_THAT(to_ints(decode_image(bytes, PixelFormat::RGB)), ElementsAre(100, 200, 50));
  EXPECT_THAT(to_ints(decode_image(bytes, PixelFormat::BGR)), ElementsAre(50, 200, 100));
  const Tensor grey = decode_image(bytes, PixelFormat::Grayscale);
  EXPECT_EQ(grey.shape(), (Shape{1, 1, 1}));
  EXPECT_THAT(to_ints(grey), ElementsAre(153));
}

TEST(Image, TurnsAsTheCameraWasHeld) {
  EXPECT_EQ(read_image(testdata() / "turned.jpg").shape(), (Shape{17, 12, 3}));
  EXPECT_EQ(
      decode_image(read_file(testdata() / "turned.jpg"), PixelFormat::RGB, {.turn_upright = false}).shape(),
      (Shape{12, 17, 3}));
  const Tensor image = Tensor::of<std::uint8_t>({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(to_ints(oriented(image, 1)), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(to_ints(oriented(image, 2)), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(to_ints(oriented(image, 3)), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(to_ints(oriented(image, 4)), ElementsAre(4, 5, 6, 1, 2, 3));
  EXPECT_THAT(to_ints(oriented(image, 5)), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(to_ints(oriented(image, 6)), ElementsAre(4, 1, 5, 2, 6, 3));
  EXPECT_THAT(to_ints(oriented(image, 7)), ElementsAre(6, 3, 5, 2, 4, 1));
  EXPECT_THAT(to_ints(oriented(image, 8)), ElementsAre(3, 6, 2, 5, 1, 4));
  EXPECT_EQ(oriented(image, 6).shape(), (Shape{3, 2, 1}));
}

TEST(Image, EncodesAndReadsBack) {
  const Tensor image = read_image(testdata() / "rgb.png");
  EXPECT_TRUE(identical(decode_image(encode_png(image), PixelFormat::RGB), image));
  const Tensor lossy = decode_image(encode_jpeg(image, 95), PixelFormat::RGB);
  EXPECT_EQ(lossy.shape(), image.shape());
  const Tensor grey = decode_image(encode_png(image), PixelFormat::Grayscale);
  EXPECT_TRUE(identical(decode_image(encode_png(grey), PixelFormat::Grayscale), grey));
  EXPECT_EQ(decode_image(encode_jpeg(grey), PixelFormat::Grayscale).shape(), grey.shape());
  EXPECT_THROW(encode_png(Tensor(DType::U8, {2, 2, 2})), Error);
  EXPECT_THROW(encode_jpeg(Tensor(DType::U8, {0, 2, 3})), Error);
  EXPECT_THROW(encode_png(Tensor(DType::F32, {2, 2, 3})), Error);
  EXPECT_THROW(write_image("/tmp/x.gif", image), Error);
}

TEST(Image, SaysWhatIsWrong) {
  EXPECT_THAT(message_of(bytes_of("GIF89a")),
              HasSubstr("x: expected a JPEG, PNG, WebP, TIFF, JPEG 2000, BMP or PNM"));
  EXPECT_THAT(message_of({}), HasSubstr("got 0 other bytes"));
  EXPECT_THAT(message_of(bytes_of("P5 70000 70000 255\n")), HasSubstr("do not fit the 0 bytes"));
  EXPECT_THAT(message_of(bytes_of("P5 2 x")), HasSubstr("x: PNM: expected a number at byte 5"));
  EXPECT_THAT(message_of(read_file(testdata() / "rgb.png"), 203), HasSubstr("at most 203 pixels, got 17x12"));
  for (const char* name :
       {"photo.jpg", "rgb.png", "lossy.webp", "deflate.tif", "lossless.jp2", "rgb.bmp", "rgb.ppm"}) {
    std::vector<std::uint8_t> bytes = read_file(testdata() / name);
    bytes.resize(bytes.size() * 3 / 5);
    EXPECT_THAT(message_of(bytes), HasSubstr("x: ")) << name;
  }
}

TEST(Image, NoDamageCrashes) {
  std::mt19937 random(7);
  for (const auto& path : pictures()) {
    const std::vector<std::uint8_t> good = read_file(path);
    for (int i = 0; i < 300; ++i) {
      std::vector<std::uint8_t> bad = good;
      if (i % 4 == 0) bad.resize(random() % bad.size());
      for (int k = i % 4; k > 0; --k)
        bad[random() % std::min<std::size_t>(bad.size(), 300)] ^= 1 << random() % 8;
      message_of(bad);
    }
  }
}

}  // namespace
}  // namespace atlas

// Walks the first directory of EXIF's TIFF structure, and permutes pixels.
#include "atlas/media/exif.h"

#include <algorithm>

namespace atlas {

int exif_orientation(std::span<const std::uint8_t> tiff) {
  if (tiff.size() < 8) return 1;
  const bool big_endian = tiff[0] == 'M';
  const auto number = [&](std::size_t at, std::size_t size_bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size_bytes; ++i)
      value = value << 8 | tiff[big_endian ? at + i : at + size_bytes - 1 - i];
    return value;
  };
  if (number(2, 2) != 42) return 1;
  const std::size_t directory = number(4, 4);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = std::min<std::size_t>(number(directory, 2), (tiff.size() - directory - 2) / 12);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * 12;
    if (number(entry, 2) != 0x0112) continue;
    const std::uint32_t orientation = number(entry + 8, 2);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

Tensor oriented(const Tensor& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const std::int64_t height = image.dim(0);
  const std::int64_t width = image.dim(1);
  const std::int64_t channels = image.dim(2);
  const bool transposes = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Tensor out(DType::U8, transposes ? Shape{width, height, channels} : Shape{height, width, channels});
  const std::uint8_t* from = image.values<std::uint8_t>().data();
  std::uint8_t* to = out.values_mutable<std::uint8_t>().data();
  for (std::int64_t y = 0; y < out.dim(0); ++y)
    for (std::int64_t x = 0; x < out.dim(1); ++x) {
      const std::int64_t column = transposes ? y : x;
      const std::int64_t row = transposes ? x : y;
      const std::int64_t source =
          (from_bottom ? height - 1 - row : row) * width + (from_right ? width - 1 - column : column);
      to = std::copy_n(from + source * channels, channels, to);
    }
  return out;
}

}  // namespace atlas

// Reads the headers of OS/2 and Windows bitmaps and unpacks their rows.
#include "atlas/media/bmp.h"

#include <array>
#include <bit>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr std::uint32_t kRgb = 0;
constexpr std::uint32_t kBitFields = 3;
constexpr std::uint32_t kAlphaBitFields = 6;
constexpr std::size_t kFileHeader = 14;

struct Mask {
  std::uint32_t bits = 0;

  std::uint8_t of(std::uint32_t pixel) const {
    if (bits == 0) return 0;
    const int shift = std::countr_zero(bits);
    const std::uint64_t most = bits >> shift;
    const std::uint64_t value = (pixel & bits) >> shift;
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
  }
};

struct Bitmap {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool top_down = false;
  int bits = 0;  // of a pixel
  std::array<Mask, 3> masks;
  std::vector<std::array<std::uint8_t, 3>> palette;
  std::size_t pixels_at = 0;
};

std::uint32_t number(const EncodedImage& image, std::size_t at, std::size_t size_bytes) {
  require(at + size_bytes <= image.bytes.size(), "{}: BMP: file is cut short at {} bytes", image.where,
          image.bytes.size());
  std::uint32_t value = 0;
  for (std::size_t i = size_bytes; i-- > 0;) value = value << 8 | image.bytes[at + i];
  return value;
}

void read_palette(const EncodedImage& image, Bitmap& bitmap, std::size_t at, std::size_t colours,
                  std::size_t entry_bytes) {
  const std::size_t most = std::size_t{1} << bitmap.bits;
  if (colours == 0 || colours > most) colours = most;
  for (std::size_t i = 0; i < colours; ++i) {
    const std::uint32_t bgr = number(image, at + i * entry_bytes, 3);
    bitmap.palette.push_back({static_cast<std::uint8_t>(bgr >> 16), static_cast<std::uint8_t>(bgr >> 8),
                              static_cast<std::uint8_t>(bgr)});
  }
}

Bitmap read_headers(const EncodedImage& image) {
  Bitmap bitmap;
  bitmap.pixels_at = number(image, 10, 4);
  const std::size_t header_bytes = number(image, kFileHeader, 4);
  const std::size_t header = kFileHeader;
  std::uint32_t compression = kRgb;
  std::size_t colours = 0;
  if (header_bytes == 12) {
    bitmap.width = number(image, header + 4, 2);
    bitmap.height = number(image, header + 6, 2);
    bitmap.bits = static_cast<int>(number(image, header + 10, 2));
  } else {
    require(header_bytes >= 40 && header_bytes <= 1024,
            "{}: BMP: expected a header of 12 or 40 to 1024 bytes, got {}", image.where, header_bytes);
    bitmap.width = static_cast<std::int32_t>(number(image, header + 4, 4));
    bitmap.height = static_cast<std::int32_t>(number(image, header + 8, 4));
    bitmap.bits = static_cast<int>(number(image, header + 14, 2));
    compression = number(image, header + 16, 4);
    colours = number(image, header + 32, 4);
    bitmap.top_down = bitmap.height < 0;
    if (bitmap.top_down) bitmap.height = -bitmap.height;
  }
  if (compression != kRgb && compression != kBitFields && compression != kAlphaBitFields)
    fail(ErrorCode::Unsupported, "{}: BMP: expected uncompressed pixels, got compression {}", image.where,
         compression);

  const std::size_t after_header = header + header_bytes;
  switch (bitmap.bits) {
    case 1:
    case 4:
    case 8:
      read_palette(image, bitmap, after_header, colours, header_bytes == 12 ? 3 : 4);
      break;
    case 16:
      bitmap.masks = {{{0x7C00}, {0x03E0}, {0x001F}}};
      break;
    case 24:
    case 32:
      bitmap.masks = {{{0xFF0000}, {0x00FF00}, {0x0000FF}}};
      break;
    default:
      fail(ErrorCode::InvalidArgument, "{}: BMP: expected 1, 4, 8, 16, 24 or 32 bits a pixel, got {}",
           image.where, bitmap.bits);
  }
  if (compression != kRgb && bitmap.bits >= 16)  // masks lie right behind the first 40 bytes
    for (std::size_t c = 0; c < 3; ++c) bitmap.masks[c].bits = number(image, header + 40 + c * 4, 4);
  return bitmap;
}

std::array<std::uint8_t, 3> pixel_at(const EncodedImage& image, const Bitmap& bitmap, std::size_t row,
                                     std::int64_t x) {
  const std::size_t bit = static_cast<std::size_t>(x) * static_cast<std::size_t>(bitmap.bits);
  if (bitmap.bits <= 8) {
    const int shift = 8 - bitmap.bits - static_cast<int>(bit % 8);
    const std::size_t index = image.bytes[row + bit / 8] >> shift & ((1 << bitmap.bits) - 1);
    require(index < bitmap.palette.size(), "{}: BMP: expected colours below {}, got {}", image.where,
            bitmap.palette.size(), index);
    return bitmap.palette[index];
  }
  const std::uint32_t pixel = number(image, row + bit / 8, static_cast<std::size_t>(bitmap.bits) / 8);
  return {bitmap.masks[0].of(pixel), bitmap.masks[1].of(pixel), bitmap.masks[2].of(pixel)};
}

}  // namespace

bool is_bmp(const EncodedImage& image) {
  return image.starts_with("BM");
}

Tensor decode_bmp(const EncodedImage& image) {
  const Bitmap bitmap = read_headers(image);
  require(bitmap.height > 0 && bitmap.width > 0,
          "{}: BMP: expected a picture of at least one pixel, got {}x{}", image.where, bitmap.width,
          bitmap.height);
  const std::size_t row_bytes =
      (static_cast<std::size_t>(bitmap.width) * static_cast<std::size_t>(bitmap.bits) + 31) / 32 * 4;
  require(bitmap.pixels_at <= image.bytes.size() &&
              row_bytes <= (image.bytes.size() - bitmap.pixels_at) / static_cast<std::size_t>(bitmap.height),
          "{}: BMP: {}x{} pixels of {} bits do not fit the file's {} bytes", image.where, bitmap.width,
          bitmap.height, bitmap.bits, image.bytes.size());
  Tensor out = rgb_pixels(image, bitmap.height, bitmap.width);
  std::uint8_t* to = out.values_mutable<std::uint8_t>().data();
  for (std::int64_t y = 0; y < bitmap.height; ++y) {
    const std::int64_t stored = bitmap.top_down ? y : bitmap.height - 1 - y;
    const std::size_t row = bitmap.pixels_at + static_cast<std::size_t>(stored) * row_bytes;
    for (std::int64_t x = 0; x < bitmap.width; ++x)
      for (const std::uint8_t value : pixel_at(image, bitmap, row, x)) *to++ = value;
  }
  return out;
}

}  // namespace atlas

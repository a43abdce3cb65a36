// Picks a codec by magic bytes and brings its RGB to the format asked for.
#include "atlas/media/image.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/media/bmp.h"
#include "atlas/media/exif.h"
#include "atlas/media/jpeg.h"
#include "atlas/media/jpeg2000.h"
#include "atlas/media/png.h"
#include "atlas/media/pnm.h"
#include "atlas/media/tiff.h"
#include "atlas/media/webp.h"

namespace atlas {
namespace {

struct Codec {
  bool (*matches)(const EncodedImage&);
  Tensor (*decode)(const EncodedImage&);  // to RGB
};

constexpr Codec kCodecs[] = {
    {is_jpeg, decode_jpeg},         {is_png, decode_png}, {is_webp, decode_webp}, {is_tiff, decode_tiff},
    {is_jpeg2000, decode_jpeg2000}, {is_bmp, decode_bmp}, {is_pnm, decode_pnm},
};

Tensor decode_rgb(const EncodedImage& image) {
  for (const Codec& codec : kCodecs)
    if (codec.matches(image)) return codec.decode(image);
  fail(ErrorCode::Unsupported,
       "{}: expected a JPEG, PNG, WebP, TIFF, JPEG 2000, BMP or PNM picture, got {} other bytes", image.where,
       image.bytes.size());
}

Tensor grey(const Tensor& rgb) {
  Tensor out(DType::U8, {rgb.dim(0), rgb.dim(1), 1});
  const auto from = rgb.values<std::uint8_t>();
  const auto to = out.values_mutable<std::uint8_t>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::uint32_t luma = 19595u * from[i * 3] + 38470u * from[i * 3 + 1] + 7471u * from[i * 3 + 2];
    to[i] = static_cast<std::uint8_t>((luma + 32768) >> 16);
  }
  return out;
}

Tensor swapped_red_and_blue(const Tensor& image) {
  Tensor out = image.clone();
  const auto pixels = out.values_mutable<std::uint8_t>();
  for (std::size_t i = 0; i < pixels.size(); i += 3) std::swap(pixels[i], pixels[i + 2]);
  return out;
}

}  // namespace

Tensor decode_image(std::span<const std::uint8_t> bytes, PixelFormat format, const DecodeOptions& options) {
  const EncodedImage encoded{bytes, options.where, options.most_pixels};
  Tensor image = decode_rgb(encoded);
  if (options.turn_upright && is_jpeg(encoded)) image = oriented(image, jpeg_orientation(encoded));
  return in_format(image, format);
}

Tensor in_format(const Tensor& rgb, PixelFormat format) {
  require(rgb.rank() == 3 && rgb.dim(2) == 3, "image: expected RGB u8[height,width,3], got {}", text(rgb));
  switch (format) {
    case PixelFormat::RGB:
      break;
    case PixelFormat::BGR:
      return swapped_red_and_blue(rgb);
    case PixelFormat::Grayscale:
      return grey(rgb);
  }
  return rgb;
}

Tensor read_image(const std::filesystem::path& path, PixelFormat format) {
  const std::string where = path.string();
  return decode_image(read_file(path), format, {.where = where});
}

void write_image(const std::filesystem::path& path, const Tensor& image) {
  const std::string ending = path.extension();
  if (ending == ".png") {
    write_file(path, encode_png(image));
  } else if (ending == ".jpg" || ending == ".jpeg") {
    write_file(path, encode_jpeg(image));
  } else {
    fail(ErrorCode::Unsupported, "{}: expected a name that ends in .png, .jpg or .jpeg", path.string());
  }
}

}  // namespace atlas

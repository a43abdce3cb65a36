// libwebp's simple decoder into our memory.
#include "atlas/media/webp.h"

#include <webp/decode.h>

#include "atlas/base/error.h"

namespace atlas {

bool is_webp(const EncodedImage& image) {
  return image.starts_with("RIFF") && image.starts_with("WEBP", 8);
}

Tensor decode_webp(const EncodedImage& image) {
  WebPBitstreamFeatures features{};
  const VP8StatusCode status = WebPGetFeatures(image.bytes.data(), image.bytes.size(), &features);
  require(status == VP8_STATUS_OK, "{}: WebP: header is damaged or cut short", image.where);
  if (features.has_animation)
    fail(ErrorCode::Unsupported, "{}: WebP: expected one picture, got an animation", image.where);
  Tensor out = rgb_pixels(image, features.height, features.width);
  require(
      WebPDecodeRGBInto(image.bytes.data(), image.bytes.size(), static_cast<std::uint8_t*>(out.raw_mutable()),
                        out.size_bytes(), features.width * 3) != nullptr,
      "{}: WebP: data is damaged or cut short", image.where);
  return out;
}

}  // namespace atlas

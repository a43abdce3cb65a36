// The one place where a picture's claimed size is checked before memory is taken.
#include "atlas/media/encoded_image.h"

#include <cstring>

#include "atlas/base/error.h"

namespace atlas {

bool EncodedImage::starts_with(std::string_view magic, std::size_t at) const {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

Tensor rgb_pixels(const EncodedImage& image, std::int64_t height, std::int64_t width) {
  require(height > 0 && width > 0, "{}: expected a picture of at least one pixel, got {}x{}", image.where,
          width, height);
  if (height > image.most_pixels / width)
    fail(ErrorCode::ResourceExhausted, "{}: expected at most {} pixels, got {}x{}", image.where,
         image.most_pixels, width, height);
  return Tensor(DType::U8, {height, width, 3});
}

}  // namespace atlas

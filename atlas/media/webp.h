// WebP, by libwebp.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_webp(const EncodedImage& image);

/// RGB [height, width, 3]; lossy and lossless, not animated.
Tensor decode_webp(const EncodedImage& image);

}  // namespace atlas

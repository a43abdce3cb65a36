// PNG, by libspng.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_png(const EncodedImage& image);

/// RGB [height, width, 3] of any PNG.
Tensor decode_png(const EncodedImage& image);

}  // namespace atlas

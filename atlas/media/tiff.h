// TIFF, by libtiff.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_tiff(const EncodedImage& image);

/// RGB [height, width, 3] of the first picture in the file, upright; whatever libtiff turns to RGBA.
Tensor decode_tiff(const EncodedImage& image);

}  // namespace atlas

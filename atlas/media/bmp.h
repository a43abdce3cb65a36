// BMP: Windows bitmaps.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_bmp(const EncodedImage& image);

/// RGB [height, width, 3] of an uncompressed bitmap: 1, 4, 8 (palette), 16, 24 or 32 bits a pixel, channel
/// masks included. Throws Unsupported on run-length coding and embedded JPEG or PNG.
Tensor decode_bmp(const EncodedImage& image);

}  // namespace atlas

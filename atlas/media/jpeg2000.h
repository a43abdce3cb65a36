// JPEG 2000, by OpenJPEG.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_jpeg2000(const EncodedImage& image);

/// RGB [height, width, 3] of a JP2 file or a bare codestream: grey, sRGB or sYCC, 1 to 31 bits a sample,
/// components sampled at whole steps.
Tensor decode_jpeg2000(const EncodedImage& image);

}  // namespace atlas

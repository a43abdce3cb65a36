// Portable any-maps: PBM, PGM and PPM, as text and as bytes.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_pnm(const EncodedImage& image);

/// RGB [height, width, 3] of P1 to P6, samples of up to 65535 brought to 0..255.
Tensor decode_pnm(const EncodedImage& image);

}  // namespace atlas

// How the camera was held: EXIF's orientation, and turning a picture by it.
#pragma once

#include <cstdint>
#include <span>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// Tag 0x0112 of a TIFF structure (what follows "Exif\0\0" in a JPEG): 1 to 8; 1 where it is absent or
/// damaged, since a picture is worth showing without it.
int exif_orientation(std::span<const std::uint8_t> tiff);

/// `image` U8 [height, width, channels] turned upright. `orientation` as in EXIF 2.3, 4.6.4 A: 1 upright,
/// 2 mirrored, 3 upside down, 4 flipped, 5 transposed, 6 to be turned clockwise, 7 transversed,
/// 8 to be turned counter-clockwise.
Tensor oriented(const Tensor& image, int orientation);

}  // namespace atlas

// JPEG, by libjpeg-turbo.
#pragma once

#include "atlas/media/encoded_image.h"

namespace atlas {

bool is_jpeg(const EncodedImage& image);

/// RGB [height, width, 3]; grey, YCbCr, RGB, CMYK and YCCK files. The accurate integer DCT and smooth
/// chroma upsampling, as ONNX's ImageDecoder asks.
Tensor decode_jpeg(const EncodedImage& image);

/// EXIF orientation of a JPEG, 1 where it says none.
int jpeg_orientation(const EncodedImage& image);

}  // namespace atlas

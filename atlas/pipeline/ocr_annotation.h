// Read lines shown on the picture that they were read from.
#pragma once

#include <span>

#include "atlas/media/font.h"
#include "atlas/pipeline/ocr.h"

namespace atlas {

/// Outlines each line and writes its text and confidence beside it, on `image`, RGB U8 [height, width, 3].
void draw_lines(Tensor& image, std::span<const OcrLine> lines, const Fonts& fonts);

}  // namespace atlas

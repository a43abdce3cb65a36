// What was found, shown on the picture that it was found in.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "atlas/media/font.h"
#include "atlas/pipeline/image/geometry.h"

namespace atlas {

/// In pixels of the picture.
struct Mark {
  Polygon outline;            // none where empty
  std::vector<Point> points;  // key points
  std::string label;          // none where empty; a mark without outline has it in the upper left corner
};

/// Outlines each mark, dots its points and writes its label beside it, on `image`, RGB U8 [height, width, 3].
void draw_marks(Tensor& image, std::span<const Mark> marks, const Fonts& fonts);

}  // namespace atlas

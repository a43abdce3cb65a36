// From a text detector's probability map to boxes: the post-processing of DB, "Real-time Scene Text Detection
// with Differentiable Binarization" (Liao et al. 2020), as PP-OCR sets it.
#pragma once

#include <cstddef>
#include <vector>

#include "atlas/pipeline/image/geometry.h"
#include "atlas/pipeline/image/resize.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

struct TextBoxOptions {
  float threshold = 0.3f;      // of a pixel, to be text
  float box_threshold = 0.6f;  // of a box's mean probability
  float unclip_ratio = 1.5f;   // how far boxes grow back: area x ratio / perimeter
  float least_side = 3;        // of a box before it grows, in pixels of the map
  std::int64_t most_boxes = 1000;
};

struct TextBox {
  Quad corners;  // upper left, upper right, lower right, lower left
  float score = 0;
};

/// `probability`: F32 with [height, width] as its last two axes and 1 before. Boxes are in pixels of a
/// picture of size `picture`, of which the map shows the whole, and clipped to it; in order of their first
/// pixel.
std::vector<TextBox> text_boxes(const Tensor& probability, ImageSize picture, const TextBoxOptions& options);

/// Puts boxes in reading order: lines from the top, within a line from the left. Two boxes share a line
/// where the middle of one lies within half the height of the other.
void sort_in_reading_order(std::vector<TextBox>& boxes);

}  // namespace atlas

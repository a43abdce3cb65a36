// Boxes told relative to anchors: BlazeFace, RetinaFace and SSD.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "atlas/pipeline/post/detection.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// Middle and size, in pixels of the model's input.
struct Anchor {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
};

/// A grid of cells over the input: `sizes` anchors (width, height) in the middle of each cell.
struct AnchorLayer {
  std::int64_t stride = 8;
  std::vector<std::array<float, 2>> sizes;
};

/// Layer by layer, cells in reading order, in each the sizes in order. An input that a stride does not
/// divide has a cell more. Throws ResourceExhausted beyond a million anchors.
std::vector<Anchor> anchors(std::span<const AnchorLayer> layers, ImageSize input);

/// SSD's sizes for one layer in units of the input's (shorter) side: one square of `scale`, one of
/// sqrt(scale * next_scale), and two oblongs for each ratio (Liu et al. 2016).
std::vector<std::array<float, 2>> ssd_sizes(float scale, float next_scale, std::span<const float> ratios,
                                            float side);

/// How numbers of a model become boxes. Per anchor they are x, y, width, height, then x, y of key points.
struct AnchorCode {
  enum class Form {
    Pixels,    // offsets from the anchor's middle, and sizes, in pixels: BlazeFace
    Relative,  // middle: anchor + offset * variance * size; size: anchor's * exp(number * variance)
  };
  Form form = Form::Relative;
  std::array<float, 2> variance{0.1f, 0.2f};  // of places and sizes (Relative)
};

/// A detection per anchor whose score is at least `least_score`. `boxes`: F32 with [anchors, 4 + 2 points] as
/// its last axes; `scores`: one a anchor and label, [anchors, labels], each label a detection of its own.
/// Throws InvalidArgument where they do not fit the anchors.
std::vector<Detection> decode_anchors(std::span<const Anchor> anchors, const Tensor& boxes,
                                      std::span<const float> scores, const AnchorCode& code,
                                      float least_score);

}  // namespace atlas

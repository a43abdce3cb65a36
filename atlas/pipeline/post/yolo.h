// Outputs of the YOLO family, and of detectors that end in boxes, as detections.
#pragma once

#include <cstdint>
#include <vector>

#include "atlas/pipeline/post/detection.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

enum class YoloForm {
  V5,     // [1, boxes, 5 + labels]: x, y, width, height, objectness, label scores that it multiplies
  V8,     // [1, 4 + labels + more, boxes]: x, y, width, height, label scores
  Final,  // [1, boxes, 6 + more]: left, top, right, bottom, score, label: v10 and exports that end in NMS
};

/// All numbers are in pixels of the model's input, scores are probabilities.
struct YoloOptions {
  YoloForm form = YoloForm::V8;
  std::int64_t labels = 80;        // of V5 and V8
  std::int64_t points = 0;         // key points a box, behind the scores
  std::int64_t point_numbers = 3;  // 2: x, y; 3: and how sure it is
  std::int64_t coefficients = 0;   // of masks, behind the scores (of V5 too)
  float least_score = 0.25f;       // boxes below are left out
};

/// A detection a box, with its likeliest label. Throws InvalidArgument where the shape is another.
std::vector<Detection> decode_yolo(const Tensor& output, const YoloOptions& options);

/// How the outputs of detectors with boxes, scores and labels apart say where a box is.
struct BoxesForm {
  bool in_input_sizes = false;  // 0 to 1 of the input's width and height; otherwise pixels
  bool top_first = false;       // top, left, bottom, right; otherwise left, top, right, bottom
};

/// Boxes F32 [1, n, 4] or [n, 4] with scores F32 and labels (any numbers) of n elements: torchvision's
/// detectors, and TensorFlow's. `input` is the size of the model's input. Throws InvalidArgument.
std::vector<Detection> decode_boxes(const Tensor& boxes, const Tensor& scores, const Tensor& labels,
                                    const BoxesForm& form, ImageSize input, float least_score);

}  // namespace atlas

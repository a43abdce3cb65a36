// The outputs of whatever detector a recipe names, as detections.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "atlas/pipeline/post/anchors.h"
#include "atlas/pipeline/post/yolo.h"

namespace atlas {

enum class DetectorForm {
  YoloV5,   // one output [1, boxes, 5 + labels]
  YoloV8,   // one output [1, 4 + labels, boxes], for masks a second one with prototypes
  Final,    // one output [1, boxes, 6]
  Boxes,    // boxes, labels and scores apart
  Anchors,  // boxes relative to anchors, and scores, apart: SSD, RetinaFace
};

struct DetectorOptions {
  DetectorForm form = DetectorForm::YoloV8;
  std::int64_t labels = 80;  // YoloV5 and YoloV8
  std::int64_t points = 0;
  std::int64_t point_numbers = 3;
  std::int64_t mask_coefficients = 0;                // 0: no masks
  std::string boxes, scores, label_numbers;          // names of outputs (Boxes and Anchors)
  BoxesForm boxes_form;                              // Boxes
  std::vector<std::int64_t> strides;                 // Anchors: of each layer
  std::vector<std::int64_t> anchors_per_cell;        // of each layer
  std::vector<float> anchor_widths, anchor_heights;  // of all of them, layer by layer, in pixels of the input
  std::array<float, 2> variance{0.1f, 0.2f};
  bool scores_are_logits = false;  // Anchors: softmax is taken over the labels
  bool has_background = true;      // Anchors: label 0 is nothing
  ImageSize input;
  float least_score = 0.25f;
};

class DetectorOutput {
 public:
  /// `outputs` are the names of the model's outputs in order. Throws InvalidArgument where options contradict
  /// each other or name an output that the model lacks.
  DetectorOutput(DetectorOptions options, std::span<const std::string> outputs);

  /// In pixels of the model's input, before suppression. Throws InvalidArgument on other shapes.
  std::vector<Detection> decode(const std::vector<Tensor>& outputs) const;
  /// The prototypes of masks, where the model gives them.
  const Tensor* prototypes(const std::vector<Tensor>& outputs) const;

 private:
  DetectorOptions options_;
  std::size_t boxes_ = 0;
  std::size_t scores_ = 0;
  std::size_t label_numbers_ = 0;
  std::vector<Anchor> anchors_;
};

}  // namespace atlas

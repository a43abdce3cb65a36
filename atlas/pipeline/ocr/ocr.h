// Reading the text in a picture: detect boxes, turn those upside down, recognise each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "atlas/media/image.h"
#include "atlas/pipeline/image/normalize.h"
#include "atlas/pipeline/model.h"
#include "atlas/pipeline/post/text_boxes.h"

namespace atlas {

struct OcrOptions {
  struct Detect {
    std::int64_t longest_side = 960;  // pictures are shrunk to it, never enlarged
    std::int64_t multiple_of = 32;    // of either side
    Normalization normalization;
    TextBoxOptions boxes;
  };
  struct Classify {
    std::int64_t height = 48;
    std::int64_t width = 192;
    Normalization normalization;
    float threshold = 0.9f;  // of the probability that a line is upside down, to turn it
  };
  struct Recognise {
    std::int64_t height = 48;
    std::int64_t least_width = 320;  // narrower lines are padded
    std::int64_t most_width = 3200;  // wider ones are squeezed
    Normalization normalization;
  };
  PixelFormat channels = PixelFormat::RGB;  // the order that the models were trained with
  Detect detect;
  Classify classify;
  Recognise recognise;
  std::vector<std::string> labels;  // of the recogniser; the first is CTC's blank
};

/// Inputs are pictures f32 [batch, 3, height, width].
struct OcrModels {
  Model detect;     // to probabilities f32 [1, 1, height, width]
  Model classify;   // to probabilities f32 [batch, 2]: upright, upside down
  Model recognise;  // to probabilities f32 [1, steps, labels]
};

struct OcrLine {
  Quad corners;  // upper left, upper right, lower right, lower left, in pixels of the picture
  float box_score = 0;
  bool is_upside_down = false;
  std::string text;
  float confidence = 0;
};

struct OcrResult {
  std::vector<OcrLine> lines;  // in reading order; lines that read as nothing are left out
  double detect_ms = 0;
  double classify_ms = 0;
  double recognise_ms = 0;
};

/// `image`: RGB U8 [height, width, 3]. Throws InvalidArgument where a model's output has another shape.
OcrResult read_lines(const Tensor& image, const OcrModels& models, const OcrOptions& options);

}  // namespace atlas

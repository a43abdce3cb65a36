// The three stages, each as a function of crops.
#include "atlas/pipeline/ocr/ocr.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/media/exif.h"
#include "atlas/pipeline/image/perspective.h"
#include "atlas/pipeline/image/resize.h"
#include "atlas/pipeline/post/ctc.h"

namespace atlas {
namespace {

constexpr int kTurnLeft = 8;        // EXIF's number for a quarter turn counter-clockwise
constexpr int kTurnUpsideDown = 3;  // and for a half turn
constexpr double kUpright = 1.5;    // height / width from which a box holds a line that runs vertically

Tensor run_one(const Model& model, const Tensor& input, std::string_view stage) {
  std::vector<Tensor> outputs = model({input});
  require(!outputs.empty() && outputs[0].dtype() == DType::F32, "{}: expected an f32 output, got {}", stage,
          outputs.empty() ? "none" : text(outputs[0]));
  return outputs[0];
}

/// The width that keeps the crop's proportions at `height`.
std::int64_t width_at(const Tensor& crop, std::int64_t height) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(height) * static_cast<double>(crop.dim(1)) /
                                             static_cast<double>(crop.dim(0))));
}

std::vector<TextBox> detect(const Tensor& image, const Model& model, const OcrOptions::Detect& options) {
  const ImageSize picture{image.dim(0), image.dim(1)};
  const ImageSize size = limited_size(picture, options.longest_side, options.multiple_of);
  Tensor batch = image_batch(1, size.height, size.width);
  put_normalized(resize(image, size, Interpolation::Bilinear), options.normalization, batch, 0);
  std::vector<TextBox> boxes = text_boxes(run_one(model, batch, "text detection"), picture, options.boxes);
  sort_in_reading_order(boxes);
  return boxes;
}

Tensor crop_line(const Tensor& image, const TextBox& box) {
  const Tensor crop = perspective_crop(image, box.corners);
  return static_cast<double>(crop.dim(0)) >= kUpright * static_cast<double>(crop.dim(1))
             ? oriented(crop, kTurnLeft)
             : crop;
}

/// For each crop the probability that it is upside down.
std::vector<float> classify(std::span<const Tensor> crops, const Model& model,
                            const OcrOptions::Classify& options) {
  const auto count = static_cast<std::int64_t>(crops.size());
  if (count == 0) return {};
  Tensor batch = image_batch(count, options.height, options.width);
  for (std::int64_t i = 0; i < count; ++i) {
    const Tensor& crop = crops[static_cast<std::size_t>(i)];
    const ImageSize size{options.height, std::min(options.width, width_at(crop, options.height))};
    put_normalized(resize(crop, size, Interpolation::Bilinear), options.normalization, batch, i);
  }
  const Tensor output = run_one(model, batch, "text angle");
  require(output.shape() == Shape{count, 2}, "text angle: expected probabilities [{},2], got {}", count,
          text(output));
  std::vector<float> out;
  for (std::size_t i = 0; i < crops.size(); ++i) out.push_back(output.values<float>()[i * 2 + 1]);
  return out;
}

DecodedText recognise(const Tensor& crop, const Model& model, const OcrOptions& all) {
  const OcrOptions::Recognise& options = all.recognise;
  const std::int64_t width = std::min(options.most_width, width_at(crop, options.height));
  Tensor batch = image_batch(1, options.height, std::max(options.least_width, width));
  put_normalized(resize(crop, {options.height, width}, Interpolation::Bilinear), options.normalization, batch,
                 0);
  return ctc_greedy(run_one(model, batch, "text recognition"), 0, all.labels);
}

}  // namespace

OcrResult read_lines(const Tensor& image, const OcrModels& models, const OcrOptions& options) {
  require(image.rank() == 3 && image.dim(2) == 3 && image.element_count() > 0,
          "OCR: expected a picture u8[height,width,3], got {}", text(image));
  const Tensor pixels = in_format(image, options.channels);
  OcrResult result;
  Stopwatch watch;
  const std::vector<TextBox> boxes = detect(pixels, models.detect, options.detect);
  result.detect_ms = watch.milliseconds();

  watch = Stopwatch();
  std::vector<Tensor> crops;
  for (const TextBox& box : boxes) crops.push_back(crop_line(pixels, box));
  const std::vector<float> upside_down = classify(crops, models.classify, options.classify);
  result.classify_ms = watch.milliseconds();

  watch = Stopwatch();
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const bool turn = upside_down[i] > options.classify.threshold;
    const Tensor crop = turn ? oriented(crops[i], kTurnUpsideDown) : crops[i];
    DecodedText line = recognise(crop, models.recognise, options);
    if (line.text.empty()) continue;
    result.lines.push_back({boxes[i].corners, boxes[i].score, turn, std::move(line.text), line.confidence});
  }
  result.recognise_ms = watch.milliseconds();
  return result;
}

}  // namespace atlas

// Outputs are found by name once, anchors are laid out once.
#include "atlas/pipeline/post/detector_output.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/pipeline/post/scores.h"

namespace atlas {
namespace {

/// The output of that name, or the one at `position` where there is no name.
std::size_t find(const std::string& name, std::size_t position, std::span<const std::string> outputs) {
  if (name.empty()) {
    require(position < outputs.size(), "detector: expected {} outputs at least, got {}", position + 1,
            outputs.size());
    return position;
  }
  const auto found = std::ranges::find(outputs, name);
  require(found != outputs.end(), "detector: no output '{}' (the model has {})", name,
          fmt::join(outputs, ", "));
  return static_cast<std::size_t>(found - outputs.begin());
}

std::vector<Anchor> anchors_of(const DetectorOptions& options) {
  std::int64_t sizes = 0;
  for (const std::int64_t count : options.anchors_per_cell) sizes += count;
  require(!options.strides.empty() && options.strides.size() == options.anchors_per_cell.size() &&
              options.anchor_widths.size() == static_cast<std::size_t>(sizes) &&
              options.anchor_heights.size() == static_cast<std::size_t>(sizes),
          "detector: expected anchors_per_cell for each of {} strides, and as many widths and heights as "
          "they add up "
          "to ({}), got {}, {} and {}",
          options.strides.size(), sizes, options.anchors_per_cell.size(), options.anchor_widths.size(),
          options.anchor_heights.size());
  std::vector<AnchorLayer> layers;
  std::size_t next = 0;
  for (std::size_t i = 0; i < options.strides.size(); ++i) {
    layers.push_back({options.strides[i], {}});
    for (std::int64_t k = 0; k < options.anchors_per_cell[i]; ++k, ++next)
      layers.back().sizes.push_back({options.anchor_widths[next], options.anchor_heights[next]});
  }
  return anchors(layers, options.input);
}

YoloOptions yolo_options(const DetectorOptions& options) {
  const YoloForm form = options.form == DetectorForm::YoloV5   ? YoloForm::V5
                        : options.form == DetectorForm::YoloV8 ? YoloForm::V8
                                                               : YoloForm::Final;
  return {.form = form,
          .labels = options.labels,
          .points = options.points,
          .point_numbers = options.point_numbers,
          .coefficients = options.mask_coefficients,
          .least_score = options.least_score};
}

}  // namespace

DetectorOutput::DetectorOutput(DetectorOptions options, std::span<const std::string> outputs)
    : options_(std::move(options)) {
  boxes_ = find(options_.boxes, 0, outputs);
  if (options_.form == DetectorForm::Boxes) {
    label_numbers_ = find(options_.label_numbers, 1, outputs);
    scores_ = find(options_.scores, 2, outputs);
  } else if (options_.form == DetectorForm::Anchors) {
    scores_ = find(options_.scores, 1, outputs);
    anchors_ = anchors_of(options_);
  } else if (options_.mask_coefficients > 0) {
    require(outputs.size() >= 2, "detector: masks need a second output with prototypes");
  }
}

std::vector<Detection> DetectorOutput::decode(const std::vector<Tensor>& outputs) const {
  ensure(boxes_ < outputs.size() && scores_ < outputs.size() && label_numbers_ < outputs.size(),
         "a detector with fewer outputs than were named");
  if (options_.form == DetectorForm::Boxes)
    return decode_boxes(outputs[boxes_], outputs[scores_], outputs[label_numbers_], options_.boxes_form,
                        options_.input, options_.least_score);
  if (options_.form != DetectorForm::Anchors) return decode_yolo(outputs[boxes_], yolo_options(options_));

  const Tensor& scores = outputs[scores_];
  require(scores.dtype() == DType::F32 && scores.element_count() % anchors_.size() == 0 &&
              scores.element_count() > 0,
          "detector: expected scores f32[1,{},labels], got {}", anchors_.size(), text(scores));
  std::vector<float> values(scores.values<float>().begin(), scores.values<float>().end());
  const std::size_t labels = values.size() / anchors_.size();
  if (options_.scores_are_logits && labels == 1) {
    for (float& value : values) value = sigmoid(value);
  } else if (options_.scores_are_logits) {
    for (std::size_t i = 0; i < values.size(); i += labels)
      std::ranges::copy(softmax(std::span(values).subspan(i, labels)),
                        values.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::vector<Detection> out = decode_anchors(anchors_, outputs[boxes_], values,
                                              {.variance = options_.variance}, options_.least_score);
  if (options_.has_background) {
    std::erase_if(out, [](const Detection& one) { return one.label == 0; });
    for (Detection& one : out) --one.label;
  }
  return out;
}

const Tensor* DetectorOutput::prototypes(const std::vector<Tensor>& outputs) const {
  return options_.mask_coefficients > 0 && outputs.size() >= 2 ? &outputs[1] : nullptr;
}

}  // namespace atlas

// Numbers of a box are found by a stride, so that V8's transposed output needs no copy.
#include "atlas/pipeline/post/yolo.h"

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

/// The numbers of one box, wherever they lie.
struct Numbers {
  const float* first;
  std::size_t stride;
  float operator[](std::size_t i) const { return first[i * stride]; }
};

struct Head {
  std::int64_t front;   // numbers before the label scores
  std::int64_t labels;  // label scores
  std::int64_t total;   // numbers a box
};

Head head_of(const YoloOptions& options) {
  const std::int64_t more = options.points * options.point_numbers + options.coefficients;
  switch (options.form) {
    case YoloForm::V5:
      return {5, options.labels, 5 + options.labels + more};
    case YoloForm::V8:
      return {4, options.labels, 4 + options.labels + more};
    case YoloForm::Final:
      return {6, 0, 6 + more};
  }
  return {};
}

/// Score, label and box; false where the score is too low.
bool decode(const Numbers& n, const Head& head, const YoloOptions& options, Detection& out) {
  if (options.form == YoloForm::Final) {
    out.score = n[4];
    out.label = n[5] >= 0 && n[5] < 1e6f ? static_cast<std::int64_t>(n[5]) : -1;
    out.box = {n[0], n[1], n[2], n[3]};
    return out.score >= options.least_score && out.label >= 0;
  }
  const float factor = options.form == YoloForm::V5 ? n[4] : 1;
  if (!(factor >= options.least_score)) return false;
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < head.labels; ++i)
    if (n[static_cast<std::size_t>(head.front + i)] > n[static_cast<std::size_t>(head.front + best)])
      best = i;
  out.score = factor * n[static_cast<std::size_t>(head.front + best)];
  out.label = best;
  out.box = Rectangle::around(n[0], n[1], n[2], n[3]);
  return out.score >= options.least_score;
}

}  // namespace

std::vector<Detection> decode_yolo(const Tensor& output, const YoloOptions& options) {
  const Head head = head_of(options);
  const bool is_transposed = options.form == YoloForm::V8;
  require(
      output.dtype() == DType::F32 && output.rank() == 3 && output.dim(0) == 1 &&
          output.dim(is_transposed ? 1 : 2) == head.total &&
          (options.form == YoloForm::Final || head.labels > 0) &&
          (options.point_numbers == 2 || options.point_numbers == 3),
      "YOLO: expected {}, got {}",
      is_transposed ? fmt::format("f32[1,{},boxes]", head.total) : fmt::format("f32[1,boxes,{}]", head.total),
      text(output));
  const auto count = static_cast<std::size_t>(output.dim(is_transposed ? 2 : 1));
  const auto total = static_cast<std::size_t>(head.total);
  const float* values = output.values<float>().data();
  std::vector<Detection> out;
  for (std::size_t i = 0; i < count; ++i) {
    const Numbers n{values + (is_transposed ? i : i * total), is_transposed ? count : 1};
    Detection one;
    if (!decode(n, head, options, one)) continue;
    auto at = static_cast<std::size_t>(head.front + head.labels);
    for (std::int64_t k = 0; k < options.points; ++k, at += static_cast<std::size_t>(options.point_numbers)) {
      one.points.push_back({n[at], n[at + 1]});
      if (options.point_numbers == 3) one.point_scores.push_back(n[at + 2]);
    }
    for (std::int64_t k = 0; k < options.coefficients; ++k) one.coefficients.push_back(n[at++]);
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Detection> decode_boxes(const Tensor& boxes, const Tensor& scores, const Tensor& labels,
                                    const BoxesForm& form, ImageSize input, float least_score) {
  const std::size_t count = scores.element_count();
  require(boxes.dtype() == DType::F32 && scores.dtype() == DType::F32 && boxes.element_count() == count * 4 &&
              boxes.rank() >= 2 && boxes.dim(boxes.rank() - 1) == 4 && labels.element_count() == count,
          "detector: expected boxes f32[n,4], scores f32[n] and labels [n], got {}, {} and {}", text(boxes),
          text(scores), text(labels));
  const float width = form.in_input_sizes ? static_cast<float>(input.width) : 1;
  const float height = form.in_input_sizes ? static_cast<float>(input.height) : 1;
  const std::vector<std::int64_t> numbers = to_ints(labels);
  const float* box = boxes.values<float>().data();
  std::vector<Detection> out;
  for (std::size_t i = 0; i < count; ++i, box += 4) {
    const float score = scores.values<float>()[i];
    if (!(score >= least_score)) continue;
    const Rectangle place = form.top_first ? Rectangle{box[1], box[0], box[3], box[2]}
                                           : Rectangle{box[0], box[1], box[2], box[3]};
    out.push_back(
        {.box = {place.left * width, place.top * height, place.right * width, place.bottom * height},
         .score = score,
         .label = numbers[i]});
  }
  return out;
}

}  // namespace atlas

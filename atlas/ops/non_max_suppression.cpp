// NonMaxSuppression: the best of each heap of overlapping boxes.
#include <algorithm>
#include <cmath>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Two opposite corners, the lower coordinates first.
struct Corners {
  double y0, x0, y1, x1;
  double area() const { return (y1 - y0) * (x1 - x0); }
};

Corners corners_of(std::span<const double> box, bool center_point) {
  if (center_point) {
    const double half_width = box[2] / 2;
    const double half_height = box[3] / 2;
    return {box[1] - half_height, box[0] - half_width, box[1] + half_height, box[0] + half_width};
  }
  return {std::min(box[0], box[2]), std::min(box[1], box[3]), std::max(box[0], box[2]),
          std::max(box[1], box[3])};
}

// Intersection over union; 0 for boxes without an area.
double overlap(const Corners& a, const Corners& b) {
  const double height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  const double width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  if (height <= 0 || width <= 0 || a.area() <= 0 || b.area() <= 0) return 0;
  return height * width / (a.area() + b.area() - height * width);
}

void infer_non_max_suppression(InferContext& context) {
  for (const std::size_t i : {0, 1})
    context.check(!context.dims(i) || context.dims(i)->size() == 3, "expected rank 3 for input {}, got {}", i,
                  text(context.input(i)));
  context.set_output(0, DType::I64, Dims{Dim(), 3});
}

void reference_non_max_suppression(ReferenceContext& context) {
  const Shape& boxes = context.shape(0);
  const Shape& scores = context.shape(1);
  context.check(boxes.size() == 3 && scores.size() == 3 && boxes[2] == 4 && boxes[0] == scores[0] &&
                    boxes[1] == scores[2],
                "expected boxes [B,N,4] and scores [B,C,N], got {} and {}", text(boxes), text(scores));
  const bool center_point = context.integer("center_point_box") != 0;
  const std::int64_t most = context.integer_input(2, 0);
  const double iou_threshold = context.real_input(3, 0);
  context.check(iou_threshold >= 0 && iou_threshold <= 1, "expected an IoU threshold in [0,1], got {}",
                iou_threshold);
  const bool has_threshold = context.has_input(4);
  const double score_threshold = context.real_input(4, 0);
  const std::vector<double> numbers = context.doubles(0);
  const std::vector<double> all_scores = context.doubles(1);
  const auto count = static_cast<std::size_t>(boxes[1]);

  std::vector<std::int64_t> selected;
  for (std::size_t line = 0; count > 0 && line < all_scores.size() / count; ++line) {
    const std::size_t batch = line / static_cast<std::size_t>(scores[1]);
    const auto score = std::span(all_scores).subspan(line * count, count);
    const auto corners = [&](std::size_t box) {
      return corners_of(std::span(numbers).subspan((batch * count + box) * 4, 4), center_point);
    };
    std::vector<std::size_t> order;
    for (std::size_t box = 0; box < count; ++box)
      if (!std::isnan(score[box]) && (!has_threshold || score[box] > score_threshold)) order.push_back(box);
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return score[a] > score[b]; });
    std::vector<Corners> kept;
    for (const std::size_t box : order) {
      if (static_cast<std::int64_t>(kept.size()) >= most) break;
      const Corners candidate = corners(box);
      if (std::ranges::any_of(kept, [&](const Corners& k) { return overlap(k, candidate) > iou_threshold; }))
        continue;
      kept.push_back(candidate);
      const std::int64_t class_index = static_cast<std::int64_t>(line) % scores[1];
      selected.insert(selected.end(),
                      {static_cast<std::int64_t>(batch), class_index, static_cast<std::int64_t>(box)});
    }
  }
  context.set_integers(0, DType::I64, {static_cast<std::int64_t>(selected.size() / 3), 3}, selected);
}

}  // namespace

std::vector<OpDef> non_max_suppression() {
  return {
      {.name = "NonMaxSuppression",
       .schema = {"boxes:f32, scores:f32, max_output_boxes_per_class?:i64, iou_threshold?:f32, "
                  "score_threshold?:f32 -> selected_indices:i64",
                  {},
                  {{"center_point_box", 0}}},
       .infer = infer_non_max_suppression,
       .reference = reference_non_max_suppression},
  };
}

}  // namespace atlas::ops

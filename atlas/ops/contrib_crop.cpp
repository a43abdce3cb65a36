// CropAndResize: boxes of images, each resized to one size.
#include <cmath>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

void infer_crop(InferContext& context) {
  Dims out(4);
  if (context.dims(0)) {
    context.check(context.dims(0)->size() == 4, "expected images [N,C,H,W], got {}", text(context.input(0)));
    out[1] = (*context.dims(0))[1];
  }
  if (context.dims(1) && !context.dims(1)->empty()) out[0] = context.dims(1)->front();
  if (const auto size = context.content(3); size && size->size() == 2) {
    out[2] = (*size)[0];
    out[3] = (*size)[1];
  }
  context.set_output(0, context.dtype(0), std::move(out));
}

// Where pixel `i` of `count` lies, from `begin` to `end` of a side of `pixels`.
double place(double begin, double end, std::int64_t i, std::int64_t count, std::int64_t pixels) {
  const double last = static_cast<double>(pixels - 1);
  if (count == 1) return (begin + end) / 2 * last;
  return begin * last + static_cast<double>(i) * (end - begin) * last / static_cast<double>(count - 1);
}

double sample(const double* plane, std::int64_t width, double y, double x, bool nearest) {
  const auto at = [&](double row, double column) {
    return plane[static_cast<std::int64_t>(row) * width + static_cast<std::int64_t>(column)];
  };
  if (nearest) return at(std::round(y), std::round(x));
  const double top = std::floor(y);
  const double left = std::floor(x);
  const double bottom = std::ceil(y);
  const double right = std::ceil(x);
  const double upper = at(top, left) + (at(top, right) - at(top, left)) * (x - left);
  const double lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

void reference_crop(ReferenceContext& context) {
  const Shape& image = context.shape(0);
  const Shape& boxes = context.shape(1);
  const std::vector<std::int64_t> of = context.integers(2);
  const std::vector<std::int64_t> size = context.integers(3);
  const std::string mode = context.string("mode");
  context.check(image.size() == 4, "expected images [N,C,H,W], got {}", text(image));
  context.check(boxes.size() == 2 && boxes[1] == 4 && of.size() == static_cast<std::size_t>(boxes[0]),
                "expected boxes [R,4] and an image for each, got {} and {}", text(boxes), of.size());
  context.check(size.size() == 2 && size[0] > 0 && size[1] > 0, "expected two positive crop sizes");
  context.check(mode == "bilinear" || mode == "nearest", "expected bilinear or nearest as mode, got '{}'",
                mode);
  const Shape out = {boxes[0], image[1], size[0], size[1]};
  check_result_size(context, out);
  const double outside = context.real("extrapolation_value");
  const std::vector<double> x = context.doubles(0);
  const std::vector<double> box = context.doubles(1);
  std::vector<double> y;
  y.reserve(element_count(out));
  for (std::size_t r = 0; r < of.size(); ++r) {
    context.check(of[r] >= 0 && of[r] < image[0], "box {} is of image {} among {}", r, of[r], image[0]);
    for (std::int64_t c = 0; c < image[1]; ++c) {
      const double* plane = x.data() + (of[r] * image[1] + c) * image[2] * image[3];
      for (std::int64_t i = 0; i < size[0]; ++i) {
        const double row = place(box[4 * r], box[4 * r + 2], i, size[0], image[2]);
        for (std::int64_t j = 0; j < size[1]; ++j) {
          const double column = place(box[4 * r + 1], box[4 * r + 3], j, size[1], image[3]);
          const bool is_inside = row >= 0 && row <= static_cast<double>(image[2] - 1) && column >= 0 &&
                                 column <= static_cast<double>(image[3] - 1);
          y.push_back(is_inside ? sample(plane, image[3], row, column, mode == "nearest") : outside);
        }
      }
    }
  }
  context.set_doubles(0, context.dtype(0), out, y);
}

}  // namespace

std::vector<OpDef> contrib_crop() {
  return {
      {.domain = "com.microsoft",
       .name = "CropAndResize",
       .schema = {"X:T, rois:T, batch_indices:i32, crop_size:i32 -> Y:T",
                  {{"T", {DType::F32, DType::F64, DType::F16}}},
                  {{"extrapolation_value", 0.0f}, {"mode", "bilinear"}}},
       .infer = infer_crop,
       .reference = reference_crop},
  };
}

}  // namespace atlas::ops

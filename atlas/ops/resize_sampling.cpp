// Coordinates, rounding and weights of resized axes.
#include "atlas/ops/resize_sampling.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas::ops {
namespace {

// Throws InvalidArgument, naming the node, unless `condition`.
template <typename... Args>
void check(const Node& node, bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition)
    raise(ErrorCode::InvalidArgument,
          describe(node) + ": " + fmt::vformat(format, fmt::make_format_args(args...)));
}

std::int64_t scaled_extent(const Node& node, std::int64_t extent, float scale) {
  check(node, scale > 0 && std::isfinite(scale), "expected scales above 0, got {}", scale);
  const float scaled =
      std::floor(static_cast<float>(extent) * scale);  // single precision, as the standard's checker
  check(node, scaled < 0x1p40f, "a scale of {} makes too large an output", scale);
  return static_cast<std::int64_t>(scaled);
}

void read_scales(const Node& node, const Tensor& tensor, const std::vector<std::size_t>& axes,
                 std::vector<ResizedAxis>& out) {
  const std::vector<double> scales = to_doubles(tensor);
  check(node, scales.size() == axes.size(), "expected {} scales, got {}", axes.size(), scales.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis& axis = out[axes[i]];
    axis.output = scaled_extent(node, axis.input, static_cast<float>(scales[i]));
    axis.width = static_cast<double>(axis.input) * scales[i];
  }
}

void read_sizes(const Node& node, const std::string& policy, const Tensor& tensor,
                const std::vector<std::size_t>& axes, std::vector<ResizedAxis>& out) {
  const std::vector<std::int64_t> sizes = to_ints(tensor);
  check(node, sizes.size() == axes.size(), "expected {} sizes, got {}", axes.size(), sizes.size());
  check(node, policy == "stretch" || policy == "not_larger" || policy == "not_smaller",
        "expected stretch, not_larger or not_smaller as keep_aspect_ratio_policy, got '{}'", policy);
  double chosen = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis& axis = out[axes[i]];
    check(node, sizes[i] >= 0 && (axis.input > 0 || sizes[i] == 0),
          "expected sizes that {} pixels can be resized to, got {}", axis.input, sizes[i]);
    axis.output = sizes[i];
    axis.width = static_cast<double>(sizes[i]);
    const double scale = axis.input == 0 ? 1 : axis.width / static_cast<double>(axis.input);
    chosen = i == 0 ? scale : policy == "not_smaller" ? std::max(chosen, scale) : std::min(chosen, scale);
  }
  if (policy == "stretch") return;
  for (const std::size_t i : axes) {
    out[i].width = chosen * static_cast<double>(out[i].input);
    check(node, out[i].width < 0x1p40, "sizes make too large an output");
    out[i].output = static_cast<std::int64_t>(std::floor(out[i].width + 0.5));
  }
}

// The coordinate in the input, in pixels, of an output pixel.
double original_coordinate(const Node& node, const std::string& mode, const ResizedAxis& axis,
                           std::int64_t pixel) {
  const double x = static_cast<double>(pixel);
  const double input = static_cast<double>(axis.input);
  const double half_pixel = (x + 0.5) * input / axis.width - 0.5;
  if (mode == "half_pixel") return half_pixel;
  if (mode == "pytorch_half_pixel") return axis.output > 1 ? half_pixel : 0;
  if (mode == "half_pixel_symmetric")
    return input / 2 * (1 - static_cast<double>(axis.output) / axis.width) + half_pixel;
  if (mode == "asymmetric") return x * input / axis.width;
  if (mode == "align_corners") return axis.width == 1 ? 0 : x * (input - 1) / (axis.width - 1);
  check(node, mode == "tf_crop_and_resize", "unknown coordinate_transformation_mode '{}'", mode);
  const double last = input - 1;
  if (axis.width == 1) return (axis.start + axis.end) / 2 * last;
  return axis.start * last + x * (axis.end - axis.start) * last / (axis.width - 1);
}

std::int64_t rounded_pixel(const Node& node, const std::string& mode, double x, std::int64_t extent) {
  double pixel = 0;
  if (mode == "round_prefer_floor") {
    pixel = std::ceil(x - 0.5);
  } else if (mode == "round_prefer_ceil") {
    pixel = std::floor(x + 0.5);
  } else if (mode == "floor") {
    pixel = std::floor(x);
  } else {
    check(node, mode == "ceil", "unknown nearest_mode '{}'", mode);
    pixel = std::ceil(x);
  }
  return static_cast<std::int64_t>(std::clamp(pixel, 0.0, static_cast<double>(extent - 1)));
}

// Weight of a pixel at a distance from the sample. Cubic: Keys 1981, equation 4.
struct Weighting {
  bool cubic;
  double a;

  double support() const { return cubic ? 2 : 1; }
  double operator()(double distance) const {
    const double d = std::abs(distance);
    if (!cubic) return std::max(0.0, 1 - d);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  }
};

// `stretch` <= 1 widens the kernel. Pixels outside repeat the edge, or do not count.
AxisSample weighted_pixels(const Weighting& kernel, double x, std::int64_t extent, double stretch,
                           bool exclude_outside) {
  AxisSample out;
  double sum = 0;
  const double reach = kernel.support() / stretch;
  for (double pixel = std::floor(x - reach) + 1; pixel < x + reach; ++pixel) {
    const double weight = kernel((pixel - x) * stretch);
    const double inside = std::clamp(pixel, 0.0, static_cast<double>(extent - 1));
    if (weight == 0 || (exclude_outside && inside != pixel)) continue;
    sum += weight;
    const std::int64_t index = static_cast<std::int64_t>(inside);
    if (!out.empty() && out.back().index == index) {
      out.back().weight += weight;
    } else {
      out.push_back({index, weight});
    }
  }
  for (WeightedPixel& pixel : out) pixel.weight /= sum == 0 ? 1 : sum;
  return out;
}

// Coordinates outside the image take the extrapolation value when cropping.
bool is_cropped(const std::string& mode, const ResizedAxis& axis, double x) {
  return mode == "tf_crop_and_resize" && !(x >= 0 && x <= static_cast<double>(axis.input - 1));
}

}  // namespace

ResizeRule read_resize_rule(const Node& node) {
  const Attributes& given = node.attributes;
  ResizeRule rule;
  rule.mode = given.string("mode", rule.mode);
  rule.coordinates = given.string("coordinate_transformation_mode", rule.coordinates);
  rule.rounding = given.string("nearest_mode", rule.rounding);
  rule.policy = given.string("keep_aspect_ratio_policy", rule.policy);
  rule.cubic_a = given.real("cubic_coeff_a", static_cast<float>(rule.cubic_a));
  rule.exclude_outside = given.integer("exclude_outside", 0) != 0;
  rule.antialias = given.integer("antialias", 0) != 0;
  return rule;
}

std::vector<std::size_t> resized_axes(const Node& node, std::size_t rank) {
  std::vector<std::size_t> out;
  if (node.attributes.has("axes")) {
    for (const std::int64_t axis : node.attributes.integers("axes"))
      out.push_back(static_cast<std::size_t>(normalize_axis(axis, rank, describe(node))));
  } else {
    for (std::size_t axis = 0; axis < rank; ++axis) out.push_back(axis);
  }
  return out;
}

std::vector<ResizedAxis> read_resized_axes(const Node& node, const ResizeRule& rule, const Shape& shape,
                                           const Tensor* roi, const Tensor* scales, const Tensor* sizes) {
  const std::vector<std::size_t> axes = resized_axes(node, shape.size());
  std::vector<ResizedAxis> out(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) out[i] = {shape[i], shape[i], static_cast<double>(shape[i])};
  const bool by_scales = scales != nullptr && scales->element_count() > 0;
  const bool by_sizes = sizes != nullptr && sizes->element_count() > 0;
  check(node, by_scales != by_sizes || axes.empty(), "expected either scales or sizes");
  if (by_scales) read_scales(node, *scales, axes, out);
  if (by_sizes) read_sizes(node, rule.policy, *sizes, axes, out);
  if (rule.coordinates == "tf_crop_and_resize") {
    check(node, roi != nullptr, "expected a roi");
    const std::vector<double> region = to_doubles(*roi);
    check(node, region.size() == 2 * axes.size(), "expected a roi of {} numbers, got {}", 2 * axes.size(),
          region.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      out[axes[i]].start = region[i];
      out[axes[i]].end = region[axes.size() + i];
    }
  }
  return out;
}

std::int64_t nearest_pixel(const Node& node, const ResizeRule& rule, const ResizedAxis& axis,
                           std::int64_t pixel) {
  const double x = original_coordinate(node, rule.coordinates, axis, pixel);
  return is_cropped(rule.coordinates, axis, x) ? kCropped : rounded_pixel(node, rule.rounding, x, axis.input);
}

AxisSample interpolated_sample(const Node& node, const ResizeRule& rule, const ResizedAxis& axis,
                               std::int64_t pixel) {
  const double x = original_coordinate(node, rule.coordinates, axis, pixel);
  if (is_cropped(rule.coordinates, axis, x)) return {};
  const double scale = axis.width / static_cast<double>(axis.input);
  const double stretch = rule.antialias ? std::min(1.0, scale) : 1;
  return weighted_pixels({rule.mode == "cubic", rule.cubic_a}, x, axis.input, stretch, rule.exclude_outside);
}

}  // namespace atlas::ops

// Resize: tensors sampled anew along some axes, by nearest pixel, linear or cubic interpolation.
#include <algorithm>
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/interpolation.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// Axes that scales, sizes and roi speak of, in their order.
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

// One axis before and after. `width` is the output before it was rounded to pixels.
struct ResizedAxis {
  std::int64_t input = 0;
  std::int64_t output = 0;
  double width = 0;
  double start = 0;  // of the region of interest, in [0, 1]
  double end = 1;

  bool is_same() const {
    return input == output && width == static_cast<double>(output) && start == 0 && end == 1;
  }
};

std::int64_t scaled_extent(const ReferenceContext& context, std::int64_t extent, float scale) {
  context.check(scale > 0 && std::isfinite(scale), "expected scales above 0, got {}", scale);
  const float scaled =
      std::floor(static_cast<float>(extent) * scale);  // single precision, as the standard's checker
  context.check(scaled < 0x1p40f, "a scale of {} makes too large an output", scale);
  return static_cast<std::int64_t>(scaled);
}

void read_scales(const ReferenceContext& context, const std::vector<std::size_t>& axes,
                 std::vector<ResizedAxis>& out) {
  const std::vector<double> scales = context.doubles(2);
  context.check(scales.size() == axes.size(), "expected {} scales, got {}", axes.size(), scales.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis& axis = out[axes[i]];
    axis.output = scaled_extent(context, axis.input, static_cast<float>(scales[i]));
    axis.width = static_cast<double>(axis.input) * scales[i];
  }
}

void read_sizes(const ReferenceContext& context, const std::vector<std::size_t>& axes,
                std::vector<ResizedAxis>& out) {
  const std::vector<std::int64_t> sizes = context.integers(3);
  context.check(sizes.size() == axes.size(), "expected {} sizes, got {}", axes.size(), sizes.size());
  const std::string policy = context.string("keep_aspect_ratio_policy");
  context.check(policy == "stretch" || policy == "not_larger" || policy == "not_smaller",
                "expected stretch, not_larger or not_smaller as keep_aspect_ratio_policy, got '{}'", policy);
  double chosen = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis& axis = out[axes[i]];
    context.check(sizes[i] >= 0 && (axis.input > 0 || sizes[i] == 0),
                  "expected sizes that {} pixels can be resized to, got {}", axis.input, sizes[i]);
    axis.output = sizes[i];
    axis.width = static_cast<double>(sizes[i]);
    const double scale = axis.input == 0 ? 1 : axis.width / static_cast<double>(axis.input);
    chosen = i == 0 ? scale : policy == "not_smaller" ? std::max(chosen, scale) : std::min(chosen, scale);
  }
  if (policy == "stretch") return;
  for (const std::size_t i : axes) {
    out[i].width = chosen * static_cast<double>(out[i].input);
    context.check(out[i].width < 0x1p40, "sizes make too large an output");
    out[i].output = static_cast<std::int64_t>(std::floor(out[i].width + 0.5));
  }
}

std::vector<ResizedAxis> read_axes(const ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const std::vector<std::size_t> axes = resized_axes(context.node(), shape.size());
  std::vector<ResizedAxis> out(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) out[i] = {shape[i], shape[i], static_cast<double>(shape[i])};
  const bool by_scales = context.has_input(2) && context.input(2).element_count() > 0;
  const bool by_sizes = context.has_input(3) && context.input(3).element_count() > 0;
  context.check(by_scales != by_sizes || axes.empty(), "expected either scales or sizes");
  if (by_scales) read_scales(context, axes, out);
  if (by_sizes) read_sizes(context, axes, out);
  if (context.string("coordinate_transformation_mode") == "tf_crop_and_resize") {
    const std::vector<double> roi = context.doubles(1);
    context.check(roi.size() == 2 * axes.size(), "expected a roi of {} numbers, got {}", 2 * axes.size(),
                  roi.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      out[axes[i]].start = roi[i];
      out[axes[i]].end = roi[axes.size() + i];
    }
  }
  return out;
}

// The coordinate in the input, in pixels, of an output pixel.
double original_coordinate(const ReferenceContext& context, const std::string& mode, const ResizedAxis& axis,
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
  context.check(mode == "tf_crop_and_resize", "unknown coordinate_transformation_mode '{}'", mode);
  const double last = input - 1;
  if (axis.width == 1) return (axis.start + axis.end) / 2 * last;
  return axis.start * last + x * (axis.end - axis.start) * last / (axis.width - 1);
}

std::int64_t nearest_pixel(const ReferenceContext& context, const std::string& mode, double x,
                           std::int64_t extent) {
  double pixel = 0;
  if (mode == "round_prefer_floor") {
    pixel = std::ceil(x - 0.5);
  } else if (mode == "round_prefer_ceil") {
    pixel = std::floor(x + 0.5);
  } else if (mode == "floor") {
    pixel = std::floor(x);
  } else {
    context.check(mode == "ceil", "unknown nearest_mode '{}'", mode);
    pixel = std::ceil(x);
  }
  return static_cast<std::int64_t>(std::clamp(pixel, 0.0, static_cast<double>(extent - 1)));
}

// Weight of a pixel at a distance from the sample. Cubic: Keys 1981, equation 4.
struct Kernel {
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
AxisSample interpolated_sample(const Kernel& kernel, double x, std::int64_t extent, double stretch,
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

Tensor extrapolation(const ReferenceContext& context) {
  const DType dtype = context.dtype(0);
  if (dtype == DType::String || is_complex(dtype)) return ElementArray(dtype, 1).tensor({});
  const double values[] = {context.real("extrapolation_value")};
  return from_doubles(dtype, {}, values);
}

void resize_nearest(ReferenceContext& context, const std::vector<ResizedAxis>& axes, const Shape& output) {
  const std::string mode = context.string("coordinate_transformation_mode");
  const std::string rounding = context.string("nearest_mode");
  const std::vector<std::int64_t> strides = row_major_strides(context.shape(0));
  const Tensor filler = extrapolation(context);
  std::vector<std::vector<std::int64_t>> offsets(axes.size());
  if (element_count(output) > 0) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
      for (std::int64_t pixel = 0; pixel < axes[i].output; ++pixel) {
        if (axes[i].is_same()) {
          offsets[i].push_back(pixel * strides[i]);
          continue;
        }
        const double x = original_coordinate(context, mode, axes[i], pixel);
        const bool outside = is_cropped(mode, axes[i], x);
        offsets[i].push_back(outside ? kOutside
                                     : nearest_pixel(context, rounding, x, axes[i].input) * strides[i]);
      }
    }
  }
  context.set_output(
      0, pick_along_axes(
             context.input(0), output,
             [&](std::size_t axis, std::int64_t at) { return offsets[axis][static_cast<std::size_t>(at)]; },
             &filler));
}

// Resizes one axis of `values`, whose shape is [outer, axis.input, inner].
std::vector<double> resize_axis(const ReferenceContext& context, const Kernel& kernel,
                                const ResizedAxis& axis, const std::vector<double>& values,
                                std::size_t inner) {
  const std::string mode = context.string("coordinate_transformation_mode");
  const bool exclude_outside = context.integer("exclude_outside") != 0;
  const double scale = axis.width / static_cast<double>(axis.input);
  const double stretch = context.integer("antialias") != 0 ? std::min(1.0, scale) : 1;
  const std::size_t input = static_cast<std::size_t>(axis.input);
  const std::size_t output = static_cast<std::size_t>(axis.output);
  const std::size_t outer = values.size() / (input * inner);
  std::vector<double> out(outer * output * inner);
  for (std::size_t pixel = 0; pixel < output; ++pixel) {
    const double x = original_coordinate(context, mode, axis, static_cast<std::int64_t>(pixel));
    const bool outside = is_cropped(mode, axis, x);
    const AxisSample sample =
        outside ? AxisSample() : interpolated_sample(kernel, x, axis.input, stretch, exclude_outside);
    for (std::size_t o = 0; o < outer; ++o) {
      for (std::size_t i = 0; i < inner; ++i) {
        double sum = outside ? context.real("extrapolation_value") : 0;
        for (const WeightedPixel& p : sample)
          sum += p.weight * values[(o * input + static_cast<std::size_t>(p.index)) * inner + i];
        out[(o * output + pixel) * inner + i] = sum;
      }
    }
  }
  return out;
}

void resize_interpolated(ReferenceContext& context, const std::vector<ResizedAxis>& axes,
                         const Shape& output) {
  const DType dtype = context.dtype(0);
  context.check(dtype != DType::String && !is_complex(dtype), "elements of type {} cannot be interpolated",
                name(dtype));
  const Kernel kernel{context.string("mode") == "cubic", context.real("cubic_coeff_a")};
  std::vector<double> values(element_count(output));
  if (!values.empty()) {
    values = context.doubles(0);
    std::size_t inner = 1;
    for (std::size_t i = axes.size(); i-- > 0;) {
      if (!axes[i].is_same()) values = resize_axis(context, kernel, axes[i], values, inner);
      inner *= static_cast<std::size_t>(axes[i].output);
    }
  }
  // Weights that add up to 1 but for rounding must not cost an integer its last unit.
  if (!is_floating(dtype))
    for (double& value : values)
      if (std::abs(value - std::nearbyint(value)) < 1e-6) value = std::nearbyint(value);
  context.set_doubles(0, dtype, output, values);
}

void reference_resize(ReferenceContext& context) {
  const std::vector<ResizedAxis> axes = read_axes(context);
  Shape output;
  for (const ResizedAxis& axis : axes) output.push_back(axis.output);
  const std::string mode = context.string("mode");
  if (mode == "nearest") return resize_nearest(context, axes, output);
  context.check(mode == "linear" || mode == "cubic", "expected mode nearest, linear or cubic, got '{}'",
                mode);
  resize_interpolated(context, axes, output);
}

// The extent that `scale` gives; symbolic extents only under whole scales and their inverses.
Dim scaled_dim(const Dim& dim, float scale) {
  if (dim.is_constant())
    return static_cast<std::int64_t>(std::floor(static_cast<float>(dim.value()) * scale));
  if (scale >= 1 && scale == std::floor(scale) && scale < 0x1p30f)
    return dim * Dim(static_cast<std::int64_t>(scale));
  const double inverse = 1 / static_cast<double>(scale);
  if (inverse > 1 && inverse == std::floor(inverse) && inverse < 0x1p30)
    return floor_div(dim, static_cast<std::int64_t>(inverse));
  return {};
}

void infer_resize(InferContext& context) {
  const auto& dims = context.dims(0);
  if (!dims) return context.set_output(0, context.dtype(0), std::nullopt);
  Dims out = *dims;
  const std::vector<std::size_t> axes = resized_axes(context.node(), dims->size());
  for (const std::size_t axis : axes) out[axis] = Dim();
  const Tensor* scales = context.constant(2);
  const std::optional<Dims> sizes = context.has_input(3) ? context.content(3) : std::nullopt;
  const std::string policy = context.string("keep_aspect_ratio_policy");
  if (scales != nullptr && scales->element_count() > 0) {
    const std::vector<double> values = to_doubles(*scales);
    context.check(values.size() == axes.size(), "expected {} scales, got {}", axes.size(), values.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      context.check(values[i] > 0 && values[i] < 0x1p30, "expected scales above 0, got {}", values[i]);
      out[axes[i]] = scaled_dim((*dims)[axes[i]], static_cast<float>(values[i]));
    }
  } else if (sizes && !sizes->empty()) {
    context.check(sizes->size() == axes.size(), "expected {} sizes, got {}", axes.size(), sizes->size());
    if (policy == "stretch")
      for (std::size_t i = 0; i < axes.size(); ++i) out[axes[i]] = (*sizes)[i];
  }
  context.set_output(0, context.dtype(0), std::move(out));
}

// Pixels that contribute to one output, along the axes that change.
Cost cost_resize(const CostContext& context) {
  const std::string mode = context.node().attributes.string("mode", "nearest");
  const double taps = mode == "linear" ? 2 : mode == "cubic" ? 4 : 0;
  const std::vector<std::int64_t> input = context.input_shape(0);
  const std::vector<std::int64_t> output = context.output_shape(0);
  double per_output = taps > 0 ? 2 : 0;
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (input[i] == output[i]) continue;
    const double ratio =
        static_cast<double>(input[i]) / static_cast<double>(std::max<std::int64_t>(1, output[i]));
    per_output *= context.integer("antialias") != 0 ? taps * std::max(1.0, ratio) : taps;
  }
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), per_output * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> resize() {
  return {
      {.name = "Resize",
       .schema = {"X:T1, roi?:T2, scales?:f32, sizes?:i64 -> Y:T1",
                  {{"T1", types::kPlain}, {"T2", {DType::F16, DType::F32, DType::F64}}},
                  {{"antialias", 0},
                   {"axes", AttributeKind::Integers},
                   {"coordinate_transformation_mode", "half_pixel"},
                   {"cubic_coeff_a", -0.75f},
                   {"exclude_outside", 0},
                   {"extrapolation_value", 0.0f},
                   {"keep_aspect_ratio_policy", "stretch"},
                   {"mode", "nearest"},
                   {"nearest_mode", "round_prefer_floor"}}},
       .infer = infer_resize,
       .reference = reference_resize,
       .cost = cost_resize},
  };
}

}  // namespace atlas::ops

// Resize: tensors sampled anew along some axes, by nearest pixel, linear or cubic interpolation.
#include <algorithm>
#include <cmath>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/element_copy.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/resize_sampling.h"

namespace atlas::ops {
namespace {

const Tensor* optional_tensor(const ReferenceContext& context, std::size_t i) {
  return context.has_input(i) ? &context.input(i) : nullptr;
}

Tensor extrapolation(const ReferenceContext& context) {
  const DType dtype = context.dtype(0);
  if (dtype == DType::String || is_complex(dtype)) return ElementArray(dtype, 1).tensor({});
  const double values[] = {context.real("extrapolation_value")};
  return from_doubles(dtype, {}, values);
}

void resize_nearest(ReferenceContext& context, const ResizeRule& rule, const std::vector<ResizedAxis>& axes,
                    const Shape& output) {
  const std::vector<std::int64_t> strides = row_major_strides(context.shape(0));
  const Tensor filler = extrapolation(context);
  std::vector<std::vector<std::int64_t>> offsets(axes.size());
  if (element_count(output) > 0) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
      for (std::int64_t pixel = 0; pixel < axes[i].output; ++pixel) {
        const std::int64_t from =
            axes[i].is_same() ? pixel : nearest_pixel(context.node(), rule, axes[i], pixel);
        offsets[i].push_back(from == kCropped ? kOutside : from * strides[i]);
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
std::vector<double> resize_axis(const ReferenceContext& context, const ResizeRule& rule,
                                const ResizedAxis& axis, const std::vector<double>& values,
                                std::size_t inner) {
  const std::size_t input = static_cast<std::size_t>(axis.input);
  const std::size_t output = static_cast<std::size_t>(axis.output);
  const std::size_t outer = values.size() / (input * inner);
  std::vector<double> out(outer * output * inner);
  for (std::size_t pixel = 0; pixel < output; ++pixel) {
    const AxisSample sample =
        interpolated_sample(context.node(), rule, axis, static_cast<std::int64_t>(pixel));
    const double start = sample.empty() ? context.real("extrapolation_value") : 0;
    for (std::size_t o = 0; o < outer; ++o) {
      for (std::size_t i = 0; i < inner; ++i) {
        double sum = start;
        for (const WeightedPixel& p : sample)
          sum += p.weight * values[(o * input + static_cast<std::size_t>(p.index)) * inner + i];
        out[(o * output + pixel) * inner + i] = sum;
      }
    }
  }
  return out;
}

void resize_interpolated(ReferenceContext& context, const ResizeRule& rule,
                         const std::vector<ResizedAxis>& axes, const Shape& output) {
  const DType dtype = context.dtype(0);
  context.check(dtype != DType::String && !is_complex(dtype), "elements of type {} cannot be interpolated",
                name(dtype));
  std::vector<double> values(element_count(output));
  if (!values.empty()) {
    values = context.doubles(0);
    std::size_t inner = 1;
    for (std::size_t i = axes.size(); i-- > 0;) {
      if (!axes[i].is_same()) values = resize_axis(context, rule, axes[i], values, inner);
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
  const ResizeRule rule = read_resize_rule(context.node());
  const std::vector<ResizedAxis> axes =
      read_resized_axes(context.node(), rule, context.shape(0), optional_tensor(context, 1),
                        optional_tensor(context, 2), optional_tensor(context, 3));
  Shape output;
  for (const ResizedAxis& axis : axes) output.push_back(axis.output);
  if (rule.mode == "nearest") return resize_nearest(context, rule, axes, output);
  context.check(rule.mode == "linear" || rule.mode == "cubic",
                "expected mode nearest, linear or cubic, got '{}'", rule.mode);
  resize_interpolated(context, rule, axes, output);
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

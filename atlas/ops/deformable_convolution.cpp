// Convolution whose taps are moved by learned offsets and weighted by a learned mask.
#include <algorithm>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/interpolation.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/window_geometry.h"

namespace atlas::ops {
namespace {

// Coordinates of a row-major index.
Shape unravel(std::size_t index, std::span<const std::int64_t> shape) {
  Shape out(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    const std::size_t extent = static_cast<std::size_t>(shape[axis]);
    out[axis] = static_cast<std::int64_t>(index % extent);
    index /= extent;
  }
  return out;
}

void reference_deform_conv(ReferenceContext& context) {
  const Shape& image = context.shape(0);
  const Shape& weights = context.shape(1);
  context.check(image.size() >= 3 && weights.size() == image.size(),
                "expected an image and weights of one rank, 3 or more, got {} and {}", text(image),
                text(weights));
  const std::size_t rank = image.size() - 2;
  const std::int64_t group = context.integer("group");
  const std::int64_t offset_group = context.integer("offset_group");
  context.check(
      group >= 1 && weights[0] % group == 0 && image[1] % group == 0 && weights[1] == image[1] / group,
      "expected weights for {} channels in {} groups, got {}", image[1], group, text(weights));
  context.check(offset_group >= 1 && offset_group <= image[1] && image[1] % offset_group == 0,
                "expected offset_group to divide {} channels, got {}", image[1], offset_group);
  const auto kernel = spatial(weights);
  const WindowGeometry geometry = read_window(context.node(), rank, {kernel.begin(), kernel.end()});
  const Shape counts = window_counts(geometry, spatial(image), context.node());
  const std::int64_t point_count = geometry.points();
  Shape offset_shape = {image[0], offset_group * point_count * static_cast<std::int64_t>(rank)};
  offset_shape.insert(offset_shape.end(), counts.begin(), counts.end());
  context.check(context.shape(2) == offset_shape, "expected offsets of shape {}, got {}", text(offset_shape),
                text(context.shape(2)));
  Shape mask_shape = offset_shape;
  mask_shape[1] = offset_group * point_count;
  const bool masked = context.has_input(4);
  if (masked)
    context.check(context.shape(4) == mask_shape, "expected a mask of shape {}, got {}", text(mask_shape),
                  text(context.shape(4)));
  const std::size_t outputs = static_cast<std::size_t>(weights[0]);
  std::vector<double> bias(outputs, 0);
  if (context.has_input(3)) bias = context.doubles(3);
  context.check(bias.size() == outputs, "expected {} biases, got {}", outputs, bias.size());

  const std::vector<double> x = context.doubles(0);
  const std::vector<double> w = context.doubles(1);
  const std::vector<double> offsets = context.doubles(2);
  const std::vector<double> mask = masked ? context.doubles(4) : std::vector<double>();
  const std::size_t batch = static_cast<std::size_t>(image[0]);
  const std::size_t channels = static_cast<std::size_t>(image[1]);
  const std::size_t plane = element_count(spatial(image));
  const std::size_t windows = element_count(counts);
  const std::size_t points = static_cast<std::size_t>(point_count);
  const std::size_t offset_groups = static_cast<std::size_t>(offset_group);
  const std::size_t group_inputs = static_cast<std::size_t>(weights[1]);
  const std::size_t group_outputs = outputs / static_cast<std::size_t>(group);
  std::vector<double> y(batch * outputs * windows);
  std::vector<double> column(channels * points);  // what the taps of one window read
  std::vector<AxisSample> axes(rank);
  for (std::size_t n = 0; n < batch; ++n) {
    for (std::size_t window = 0; window < windows; ++window) {
      const Shape at = unravel(window, counts);
      for (std::size_t tap = 0; tap < offset_groups * points; ++tap) {
        const Shape point = unravel(tap % points, geometry.kernel);
        for (std::size_t axis = 0; axis < rank; ++axis) {
          const std::int64_t regular = at[axis] * geometry.strides[axis] - geometry.pads_begin[axis] +
                                       point[axis] * geometry.dilations[axis];
          const double moved = offsets[((n * offset_groups * points + tap) * rank + axis) * windows + window];
          axes[axis] = linear_sample(static_cast<double>(regular) + moved, image[axis + 2]);
        }
        const double weight = masked ? mask[(n * offset_groups * points + tap) * windows + window] : 1;
        const std::size_t shared = channels / offset_groups;
        for (std::size_t c = tap / points * shared; c < (tap / points + 1) * shared; ++c)
          column[c * points + tap % points] =
              weight *
              weighted_sum(std::span(x).subspan((n * channels + c) * plane, plane), spatial(image), axes);
      }
      for (std::size_t m = 0; m < outputs; ++m) {
        const std::size_t filter = group_inputs * points;
        const double* read = column.data() + m / group_outputs * filter;
        double sum = bias[m];
        for (std::size_t i = 0; i < filter; ++i) sum += read[i] * w[m * filter + i];
        y[(n * outputs + m) * windows + window] = sum;
      }
    }
  }
  Shape output = {image[0], weights[0]};
  output.insert(output.end(), counts.begin(), counts.end());
  context.set_doubles(0, context.dtype(0), output, y);
}

void infer_deform_conv(InferContext& context) {
  const auto& image = context.dims(0);
  const auto& weights = context.dims(1);
  const auto& offsets = context.dims(2);
  const std::optional<Dims>& ranked = image ? image : weights ? weights : offsets;
  if (!ranked) return context.set_output(0, context.dtype(0), std::nullopt);
  const std::size_t rank = ranked->size();
  for (std::size_t i = 0; i < 3; ++i)
    context.check(rank >= 3 && (!context.dims(i) || context.dims(i)->size() == rank),
                  "expected X, W and offset of one rank, 3 or more, got {} as input {}",
                  text(context.input(i)), i);
  Dims out(rank);
  if (image) out[0] = (*image)[0];
  if (weights) out[1] = (*weights)[0];
  // There is one offset for each output pixel.
  if (offsets) std::copy(offsets->begin() + 2, offsets->end(), out.begin() + 2);
  context.set_output(0, context.dtype(0), std::move(out));
}

// Products with the weights, and per tap and channel an interpolation of 2^rank pixels.
Cost cost_deform_conv(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> weights = context.input_shape(1);
  const std::vector<std::int64_t> output = context.output_shape(0);
  double filter = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) filter *= static_cast<double>(weights[i]);
  const double pixels =
      context.output_elements(0) / static_cast<double>(std::max<std::int64_t>(1, output[1]));
  const double corners =
      static_cast<double>(std::int64_t{1} << std::min<std::size_t>(weights.size() - 2, 30));
  const double groups = static_cast<double>(context.integer("group", 1));
  cost.add_operations(context.input_dtype(0),
                      2 * filter * context.output_elements(0) + 2 * corners * filter * groups * pixels);
  return cost;
}

}  // namespace

std::vector<OpDef> deformable_convolution() {
  return {
      {.name = "DeformConv",
       .schema = {"X:T, W:T, offset:T, B?:T, mask?:T -> Y:T",
                  {{"T", types::kFloats}},
                  {{"dilations", AttributeKind::Integers},
                   {"group", 1},
                   {"kernel_shape", AttributeKind::Integers},
                   {"offset_group", 1},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_deform_conv,
       .reference = reference_deform_conv,
       .cost = cost_deform_conv},
  };
}

}  // namespace atlas::ops

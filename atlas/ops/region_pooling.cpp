// Pooling over regions of interest, and the inverse of MaxPool.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/window_geometry.h"

namespace atlas::ops {
namespace {

// Shape whose MaxPool under `geometry` is `pooled`.
Dims unpooled(const WindowGeometry& geometry, const Dims& pooled) {
  Dims out = {pooled[0], pooled[1]};
  for (std::size_t axis = 0; axis < geometry.rank(); ++axis)
    out.push_back((pooled[axis + 2] - 1) * Dim(geometry.strides[axis]) +
                  (geometry.kernel[axis] - geometry.pads_begin[axis] - geometry.pads_end[axis]));
  return out;
}

void reference_max_unpool(ReferenceContext& context) {
  const Shape& pooled = context.shape(0);
  context.check(pooled.size() >= 3, "expected an image of rank 3 or more, got {}", text(pooled));
  context.check(context.shape(1) == pooled, "expected indices of shape {}, got {}", text(pooled),
                text(context.shape(1)));
  const WindowGeometry geometry = read_window(context.node(), pooled.size() - 2);
  const Shape image = *constant_shape(unpooled(geometry, dims_of(pooled)));
  for (const std::int64_t extent : image)
    context.check(extent >= 0, "expected an output without negative extents, got {}", text(image));
  Shape output = image;
  if (context.has_input(2)) {
    output = context.integers(2);
    bool fits = output.size() == image.size();
    for (std::size_t axis = 0; fits && axis < image.size(); ++axis) fits = output[axis] >= image[axis];
    context.check(fits, "expected an output_shape of at least {}, got {}", text(image), text(output));
  }
  // Indices count in the unpooled image; a larger output holds it in its first corner.
  const std::vector<double> x = context.doubles(0);
  const std::vector<std::int64_t> indices = context.integers(1);
  const std::size_t count = element_count(image);
  const std::vector<std::int64_t> steps = row_major_strides(output);
  std::vector<double> y(element_count(output));
  for (std::size_t i = 0; i < x.size(); ++i) {
    context.check(indices[i] >= 0 && static_cast<std::size_t>(indices[i]) < count,
                  "expected indices below {}, got {}", count, indices[i]);
    std::int64_t rest = indices[i];
    std::int64_t at = 0;
    for (std::size_t axis = image.size(); axis-- > 0;) {
      at += rest % image[axis] * steps[axis];
      rest /= image[axis];
    }
    y[static_cast<std::size_t>(at)] = x[i];
  }
  context.set_doubles(0, context.dtype(0), output, y);
}

void infer_max_unpool(InferContext& context) {
  const auto& pooled = context.dims(0);
  std::optional<Dims> out;
  if (context.has_input(2)) {
    out = context.content(2);
    if (!out && pooled) out = Dims(pooled->size());
  } else if (pooled) {
    context.check(pooled->size() >= 3, "expected an image of rank 3 or more, got {}", text(*pooled));
    out = unpooled(read_window(context.node(), pooled->size() - 2), *pooled);
  }
  context.set_output(0, context.dtype(0), std::move(out));
}

// Image [N,C,H,W] and the place of one of its planes.
struct Planes {
  std::size_t batch, channels;
  std::int64_t height, width;

  explicit Planes(const Shape& shape)
      : batch(static_cast<std::size_t>(shape[0])),
        channels(static_cast<std::size_t>(shape[1])),
        height(shape[2]),
        width(shape[3]) {}
  std::size_t size() const { return static_cast<std::size_t>(height * width); }
};

Planes read_planes(const ReferenceContext& context, std::int64_t roi_columns) {
  context.check(context.shape(0).size() == 4, "expected an image of rank 4, got {}", text(context.shape(0)));
  const Shape& rois = context.shape(1);
  context.check(rois.size() == 2 && rois[1] == roi_columns, "expected regions of shape [n,{}], got {}",
                roi_columns, text(rois));
  return Planes(context.shape(0));
}

std::size_t read_batch(const ReferenceContext& context, const Planes& planes, double index) {
  context.check(index >= 0 && index < static_cast<double>(planes.batch),
                "expected batch indices below {}, got {}", planes.batch, index);
  return static_cast<std::size_t>(index);
}

// Pixels [first, last) of one of `bins` equal parts of a region that covers pixels [start, end].
struct Bin {
  std::int64_t first, last;
};
Bin roi_bin(double start, double end, std::int64_t bin, std::int64_t bins, std::int64_t extent) {
  const double size = std::max(end - start + 1, 1.0) / static_cast<double>(bins);
  const auto clip = [extent](double at) {
    return static_cast<std::int64_t>(std::clamp(at, 0.0, static_cast<double>(extent)));
  };
  return {clip(std::floor(static_cast<double>(bin) * size) + start),
          clip(std::ceil(static_cast<double>(bin + 1) * size) + start)};
}

// Fast R-CNN (Girshick 2015): the largest pixel of each bin, regions rounded to whole pixels.
void reference_max_roi_pool(ReferenceContext& context) {
  const Planes planes = read_planes(context, 5);
  const std::vector<std::int64_t> pooled = context.ints("pooled_shape");
  context.check(pooled.size() == 2 && pooled[0] >= 1 && pooled[1] >= 1,
                "expected two positive numbers as pooled_shape, got {}", text(pooled));
  const double scale = context.real("spatial_scale");
  const std::vector<double> x = context.doubles(0);
  const std::vector<double> rois = context.doubles(1);
  const Shape output = {context.shape(1)[0], context.shape(0)[1], pooled[0], pooled[1]};
  std::vector<double> y(element_count(output));
  std::size_t at = 0;
  for (std::size_t r = 0; r < rois.size() / 5; ++r) {
    const std::size_t batch = read_batch(context, planes, rois[r * 5]);
    std::array<double, 4> region{};  // x1 y1 x2 y2
    for (std::size_t i = 0; i < 4; ++i) {
      region[i] = std::round(rois[r * 5 + 1 + i] * scale);
      context.check(std::isfinite(region[i]), "region {} is not finite", r);
    }
    for (std::size_t c = 0; c < planes.channels; ++c) {
      const double* plane = x.data() + (batch * planes.channels + c) * planes.size();
      for (std::int64_t row = 0; row < pooled[0]; ++row) {
        const Bin rows = roi_bin(region[1], region[3], row, pooled[0], planes.height);
        for (std::int64_t column = 0; column < pooled[1]; ++column) {
          const Bin columns = roi_bin(region[0], region[2], column, pooled[1], planes.width);
          const bool is_empty = rows.first >= rows.last || columns.first >= columns.last;
          double best = is_empty ? 0 : -std::numeric_limits<double>::infinity();
          for (std::int64_t h = rows.first; h < rows.last; ++h)
            for (std::int64_t w = columns.first; w < columns.last; ++w)
              best = std::max(best, plane[h * planes.width + w]);
          y[at++] = best;
        }
      }
    }
  }
  context.set_doubles(0, context.dtype(0), output, y);
}

void infer_max_roi_pool(InferContext& context) {
  const std::vector<std::int64_t> pooled = context.ints("pooled_shape");
  context.check(pooled.size() == 2, "expected two numbers as pooled_shape, got {}", text(pooled));
  Dims out = {Dim(), Dim(), pooled[0], pooled[1]};
  if (context.dims(0) && context.dims(0)->size() == 4) out[1] = (*context.dims(0))[1];
  if (context.dims(1) && context.dims(1)->size() == 2) out[0] = (*context.dims(1))[0];
  context.set_output(0, context.dtype(0), std::move(out));
}

// Four pixels around a point, with the weights of linear interpolation.
struct Corners {
  std::array<std::size_t, 4> index{};
  std::array<double, 4> weight{};
};

Corners corners_at(double y, double x, const Planes& planes) {
  Corners out;
  const double height = static_cast<double>(planes.height);
  const double width = static_cast<double>(planes.width);
  if (!(y >= -1 && y <= height && x >= -1 && x <= width)) return out;
  y = std::clamp(y, 0.0, height - 1);
  x = std::clamp(x, 0.0, width - 1);
  const std::int64_t top = static_cast<std::int64_t>(y);
  const std::int64_t left = static_cast<std::int64_t>(x);
  const std::int64_t bottom = std::min(top + 1, planes.height - 1);
  const std::int64_t right = std::min(left + 1, planes.width - 1);
  const double v = y - static_cast<double>(top);
  const double u = x - static_cast<double>(left);
  const auto index = [&](std::int64_t row, std::int64_t column) {
    return static_cast<std::size_t>(row * planes.width + column);
  };
  out.index = {index(top, left), index(top, right), index(bottom, left), index(bottom, right)};
  out.weight = {(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u};
  return out;
}

// Points that sample one axis of a region.
struct RoiAxis {
  double start, bin;
  std::int64_t samples;

  double at(std::int64_t out, std::int64_t sample) const {
    return start + bin * (static_cast<double>(out) +
                          (static_cast<double>(sample) + 0.5) / static_cast<double>(samples));
  }
};

// Mask R-CNN (He et al. 2017): regions are not rounded; each bin is sampled at regular points.
void reference_roi_align(ReferenceContext& context) {
  const Planes planes = read_planes(context, 4);
  const std::string mode = context.string("mode");
  context.check(mode == "avg" || mode == "max", "expected mode avg or max, got '{}'", mode);
  const std::string transformation = context.string("coordinate_transformation_mode");
  const bool half_pixel = transformation == "half_pixel";
  context.check(half_pixel || transformation == "output_half_pixel",
                "expected half_pixel or output_half_pixel as coordinate_transformation_mode, got '{}'",
                transformation);
  const std::int64_t height = context.integer("output_height");
  const std::int64_t width = context.integer("output_width");
  context.check(height >= 1 && width >= 1, "expected an output of at least one pixel, got {} x {}", height,
                width);
  const std::int64_t ratio = context.integer("sampling_ratio");
  const double scale = context.real("spatial_scale");
  const std::vector<double> x = context.doubles(0);
  const std::vector<double> rois = context.doubles(1);
  const std::vector<double> batches = context.doubles(2);
  const std::size_t count = rois.size() / 4;
  context.check(batches.size() == count, "expected {} batch indices, got {}", count, batches.size());
  context.check(planes.size() > 0 || count == 0, "expected an image with pixels, got {}",
                text(context.shape(0)));

  const auto axis = [&](double low, double high, std::int64_t bins) {
    const double shift = half_pixel ? 0.5 : 0;
    const double start = low * scale - shift;
    double size = high * scale - shift - start;
    if (!half_pixel) size = std::max(size, 1.0);
    const double bin = size / static_cast<double>(bins);
    const double samples = ratio > 0 ? static_cast<double>(ratio) : std::max(0.0, std::ceil(bin));
    context.check(samples <= 1 << 12, "expected at most 4096 samples for a bin, got {}", samples);
    return RoiAxis{start, bin, static_cast<std::int64_t>(samples)};
  };
  const Shape output = {context.shape(1)[0], context.shape(0)[1], height, width};
  std::vector<double> y(element_count(output));
  std::vector<Corners> points;
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t batch = read_batch(context, planes, batches[r]);
    const RoiAxis columns = axis(rois[r * 4], rois[r * 4 + 2], width);
    const RoiAxis rows = axis(rois[r * 4 + 1], rois[r * 4 + 3], height);
    for (std::int64_t i = 0; i < height * width; ++i) {
      points.clear();
      for (std::int64_t v = 0; v < rows.samples; ++v)
        for (std::int64_t u = 0; u < columns.samples; ++u)
          points.push_back(corners_at(rows.at(i / width, v), columns.at(i % width, u), planes));
      for (std::size_t c = 0; c < planes.channels; ++c) {
        const double* plane = x.data() + (batch * planes.channels + c) * planes.size();
        double sum = 0;
        double best = points.empty() ? 0 : -std::numeric_limits<double>::infinity();
        for (const Corners& point : points) {
          for (std::size_t k = 0; k < 4; ++k) {
            const double share = point.weight[k] * plane[point.index[k]];
            sum += share;
            best = std::max(best, share);  // of the shares, not of their sums: as the standard has it
          }
        }
        const double mean = sum / static_cast<double>(std::max<std::size_t>(1, points.size()));
        y[((r * planes.channels + c) * static_cast<std::size_t>(height * width)) +
          static_cast<std::size_t>(i)] = mode == "avg" ? mean : best;
      }
    }
  }
  context.set_doubles(0, context.dtype(0), output, y);
}

void infer_roi_align(InferContext& context) {
  Dims out = {Dim(), Dim(), context.integer("output_height"), context.integer("output_width")};
  if (context.dims(0)) {
    context.check(context.dims(0)->size() == 4, "expected an image of rank 4, got {}",
                  text(context.input(0)));
    out[1] = (*context.dims(0))[1];
  }
  if (context.dims(2) && context.dims(2)->size() == 1) out[0] = (*context.dims(2))[0];
  if (context.dims(1) && context.dims(1)->size() == 2 && !out[0].is_constant())
    out[0] = (*context.dims(1))[0];
  context.set_output(0, context.dtype(0), std::move(out));
}

// Where the number of samples depends on the regions, two a bin and axis are assumed, as detectors use.
Cost cost_roi_align(const CostContext& context) {
  Cost cost = context.traffic();
  const double ratio = static_cast<double>(context.integer("sampling_ratio"));
  const double samples = ratio > 0 ? ratio * ratio : 4;
  cost.add_operations(context.input_dtype(0), 8 * samples * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> region_pooling() {
  return {
      {.name = "MaxRoiPool",
       .schema = {"X:T, rois:T -> Y:T",
                  {{"T", types::kFloats}},
                  {{"pooled_shape", AttributeKind::Integers, kRequired}, {"spatial_scale", 1.0f}}},
       .infer = infer_max_roi_pool,
       .reference = reference_max_roi_pool},
      {.name = "MaxUnpool",
       .schema = {"X:T1, I:i64, output_shape?:i64 -> output:T1",
                  {{"T1", types::kFloats}},
                  {{"kernel_shape", AttributeKind::Integers, kRequired},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_max_unpool,
       .reference = reference_max_unpool},
      {.name = "RoiAlign",
       .schema = {"X:T1, rois:T1, batch_indices:i64 -> Y:T1",
                  {{"T1", types::kFloats}},
                  {{"coordinate_transformation_mode", "half_pixel"},
                   {"mode", "avg"},
                   {"output_height", 1},
                   {"output_width", 1},
                   {"sampling_ratio", 0},
                   {"spatial_scale", 1.0f}}},
       .infer = infer_roi_align,
       .reference = reference_roi_align,
       .cost = cost_roi_align},
  };
}

}  // namespace atlas::ops

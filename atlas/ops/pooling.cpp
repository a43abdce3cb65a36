// Pooling: one number out of each window, or out of each whole channel.
#include <cmath>
#include <limits>

#include "atlas/base/function_ref.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/window_geometry.h"

namespace atlas::ops {
namespace {

struct Pool {
  WindowGeometry geometry;  // with explicit pads
  Shape image;
  Shape output;
};

Pool read_pool(const ReferenceContext& context) {
  Pool out;
  out.image = context.shape(0);
  context.check(out.image.size() >= 3, "expected an image of rank 3 or more, got {}", text(out.image));
  const WindowGeometry stated = read_window(context.node(), out.image.size() - 2);
  const Shape counts = window_counts(stated, spatial(out.image), context.node());
  out.geometry = stated.with_explicit_pads(spatial(out.image));
  out.output = {out.image[0], out.image[1]};
  out.output.insert(out.output.end(), counts.begin(), counts.end());
  return out;
}

// Calls visit(plane, window, output index) for every window of every plane.
void for_each_plane_window(const Pool& pool,
                           FunctionRef<void(std::size_t, const Window&, std::size_t)> visit) {
  const std::size_t planes = static_cast<std::size_t>(pool.image[0] * pool.image[1]);
  const std::size_t windows = element_count(spatial(pool.output));
  element_count(pool.output);  // throws where there would be too many
  for_each_window(pool.geometry, spatial(pool.image), spatial(pool.output), [&](const Window& window) {
    for (std::size_t plane = 0; plane < planes; ++plane) visit(plane, window, plane * windows + window.index);
  });
}

void reference_average_pool(ReferenceContext& context) {
  const Pool pool = read_pool(context);
  const bool count_padding = context.integer("count_include_pad") != 0;
  const std::vector<double> x = context.doubles(0);
  const std::size_t size = element_count(spatial(pool.image));
  std::vector<double> y(element_count(pool.output));
  for_each_plane_window(pool, [&](std::size_t plane, const Window& window, std::size_t out) {
    double sum = 0;
    for (const Tap& tap : window.taps) sum += x[plane * size + tap.image];
    const double count =
        count_padding ? static_cast<double>(window.padded_points) : static_cast<double>(window.taps.size());
    y[out] = count > 0 ? sum / count : 0;
  });
  context.set_doubles(0, context.dtype(0), pool.output, y);
}

void reference_lp_pool(ReferenceContext& context) {
  const Pool pool = read_pool(context);
  const double p = static_cast<double>(context.integer("p"));
  const std::vector<double> x = context.doubles(0);
  const std::size_t size = element_count(spatial(pool.image));
  std::vector<double> y(element_count(pool.output));
  for_each_plane_window(pool, [&](std::size_t plane, const Window& window, std::size_t out) {
    double sum = 0;
    for (const Tap& tap : window.taps) sum += std::pow(std::abs(x[plane * size + tap.image]), p);
    y[out] = std::pow(sum, 1 / p);
  });
  context.set_doubles(0, context.dtype(0), pool.output, y);
}

// For each offset in a row-major plane, the offset in a column-major one.
std::vector<std::int64_t> column_major(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> out(element_count(shape));
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::size_t rest = i;
    std::int64_t offset = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const std::size_t extent = static_cast<std::size_t>(shape[axis]);
      offset = offset * shape[axis] + static_cast<std::int64_t>(rest % extent);
      rest /= extent;
    }
    out[i] = offset;
  }
  return out;
}

void reference_max_pool(ReferenceContext& context) {
  const Pool pool = read_pool(context);
  const std::vector<double> x = context.doubles(0);
  const std::size_t size = element_count(spatial(pool.image));
  const DType dtype = context.dtype(0);
  const double lowest = dtype == DType::U8   ? 0
                        : dtype == DType::I8 ? -128
                                             : -std::numeric_limits<double>::infinity();
  std::vector<double> y(element_count(pool.output), lowest);
  std::vector<std::int64_t> indices(context.has_output(1) ? y.size() : 0);
  const bool columns = context.integer("storage_order") != 0 && !indices.empty();
  const std::vector<std::int64_t> order =
      columns ? column_major(spatial(pool.image)) : std::vector<std::int64_t>();
  for_each_plane_window(pool, [&](std::size_t plane, const Window& window, std::size_t out) {
    if (window.taps.empty()) return;
    std::size_t best = window.taps.front().image;
    for (const Tap& tap : window.taps) {
      const double value = x[plane * size + tap.image];
      if (value > x[plane * size + best] || std::isnan(value)) best = tap.image;
      if (std::isnan(value)) break;
    }
    y[out] = x[plane * size + best];
    if (!indices.empty())
      indices[out] =
          static_cast<std::int64_t>(plane * size) + (columns ? order[best] : static_cast<std::int64_t>(best));
  });
  context.set_doubles(0, dtype, pool.output, y);
  if (context.has_output(1)) context.set_integers(1, DType::I64, pool.output, indices);
}

void infer_pool(InferContext& context) {
  const auto& image = context.dims(0);
  if (!image) return context.set_output(0, context.dtype(0), std::nullopt);
  context.check(image->size() >= 3, "expected an image of rank 3 or more, got {}", text(*image));
  const WindowGeometry geometry = read_window(context.node(), image->size() - 2);
  const Dims counts = window_counts(geometry, Dims(image->begin() + 2, image->end()), context.node());
  Dims out = {(*image)[0], (*image)[1]};
  out.insert(out.end(), counts.begin(), counts.end());
  context.set_output(0, context.dtype(0), std::move(out));
}

void infer_max_pool(InferContext& context) {
  infer_pool(context);
  context.set_output(1, DType::I64, context.results()[0].type.dims);
}

Cost cost_pool(const CostContext& context) {
  Cost cost = context.traffic();
  double points = 1;
  for (const std::int64_t extent : context.node().attributes.integers("kernel_shape"))
    points *= static_cast<double>(extent);
  cost.add_operations(context.input_dtype(0), points * context.output_elements(0));
  return cost;
}

// One number for each plane.
void reference_global(ReferenceContext& context, FunctionRef<double(std::span<const double>)> reduce) {
  const Shape& image = context.shape(0);
  context.check(image.size() >= 2, "expected an image of rank 2 or more, got {}", text(image));
  const std::size_t planes = static_cast<std::size_t>(image[0] * image[1]);
  const std::size_t size = element_count(spatial(image));
  const std::vector<double> x = context.doubles(0);
  std::vector<double> y(planes);
  for (std::size_t i = 0; i < planes; ++i) y[i] = reduce(std::span(x).subspan(i * size, size));
  Shape output(image.size(), 1);
  output[0] = image[0];
  output[1] = image[1];
  context.set_doubles(0, context.dtype(0), output, y);
}

void reference_global_average(ReferenceContext& context) {
  reference_global(context, [](std::span<const double> plane) {
    double sum = 0;
    for (const double value : plane) sum += value;
    return sum / static_cast<double>(plane.size());
  });
}

void reference_global_max(ReferenceContext& context) {
  reference_global(context, [](std::span<const double> plane) {
    double best = -std::numeric_limits<double>::infinity();
    for (const double value : plane) {
      if (std::isnan(value)) return value;
      best = std::max(best, value);
    }
    return best;
  });
}

void reference_global_lp(ReferenceContext& context) {
  const double p = static_cast<double>(context.integer("p"));
  reference_global(context, [p](std::span<const double> plane) {
    double sum = 0;
    for (const double value : plane) sum += std::pow(std::abs(value), p);
    return std::pow(sum, 1 / p);
  });
}

void infer_global(InferContext& context) {
  std::optional<Dims> dims = context.dims(0);
  if (dims) {
    context.check(dims->size() >= 2, "expected an image of rank 2 or more, got {}", text(*dims));
    std::fill(dims->begin() + 2, dims->end(), Dim(1));
  }
  context.set_output(0, context.dtype(0), std::move(dims));
}

Cost cost_global(const CostContext& context) {
  Cost cost = context.traffic();
  double elements = 1;
  for (const std::int64_t extent : context.input_shape(0)) elements *= static_cast<double>(extent);
  cost.add_operations(context.input_dtype(0), elements);
  return cost;
}

OpDef global(std::string_view name, void (*reference)(ReferenceContext&),
             std::initializer_list<AttributeSpec> attributes = {}) {
  return {.name = name,
          .schema = {"X:T -> Y:T", {{"T", types::kFloats}}, attributes},
          .infer = infer_global,
          .reference = reference,
          .cost = cost_global};
}

}  // namespace

std::vector<OpDef> pooling() {
  const std::initializer_list<Constraint> floats = {{"T", types::kFloats}};
  return {
      {.name = "AveragePool",
       .schema = {"X:T -> Y:T",
                  floats,
                  {{"auto_pad", "NOTSET"},
                   {"ceil_mode", 0},
                   {"count_include_pad", 0},
                   {"dilations", AttributeKind::Integers},
                   {"kernel_shape", AttributeKind::Integers, kRequired},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_pool,
       .reference = reference_average_pool,
       .cost = cost_pool},
      global("GlobalAveragePool", reference_global_average),
      global("GlobalLpPool", reference_global_lp, {{"p", 2}}),
      global("GlobalMaxPool", reference_global_max),
      {.name = "LpPool",
       .schema = {"X:T -> Y:T",
                  floats,
                  {{"auto_pad", "NOTSET"},
                   {"ceil_mode", 0},
                   {"dilations", AttributeKind::Integers},
                   {"kernel_shape", AttributeKind::Integers, kRequired},
                   {"p", 2},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_pool,
       .reference = reference_lp_pool,
       .cost = cost_pool},
      {.name = "MaxPool",
       .schema = {"X:T -> Y:T, Indices?:i64",
                  {{"T", types::kFloats | TypeSet{DType::I8, DType::U8}}},
                  {{"auto_pad", "NOTSET"},
                   {"ceil_mode", 0},
                   {"dilations", AttributeKind::Integers},
                   {"kernel_shape", AttributeKind::Integers, kRequired},
                   {"pads", AttributeKind::Integers},
                   {"storage_order", 0},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_max_pool,
       .reference = reference_max_pool,
       .cost = cost_pool},
  };
}

}  // namespace atlas::ops

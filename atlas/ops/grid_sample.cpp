// Sampling of images at the points of a grid, and the grids that affine maps give.
#include <algorithm>
#include <cmath>
#include <complex>

#include "atlas/base/function_ref.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/interpolation.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/scalar_like.h"

namespace atlas::ops {
namespace {

enum class Mode { Nearest, Linear, Cubic };
enum class Padding { Zeros, Border, Reflection };

// How grid coordinates, -1 to 1 over an image, become pixels along one axis.
struct Sampler {
  Mode mode;
  Padding padding;
  bool align_corners;

  double low() const { return align_corners ? 0 : -0.5; }
  double high(std::int64_t extent) const { return static_cast<double>(extent) - (align_corners ? 1 : 0.5); }

  // Mirrored at both borders until inside.
  double reflect(double x, std::int64_t extent) const {
    const double range = high(extent) - low();
    if (range <= 0) return low();
    const double folded = std::fmod(std::abs(x - low()), 2 * range);
    return low() + (folded <= range ? folded : 2 * range - folded);
  }

  void add(AxisSample& sample, std::int64_t pixel, double weight, std::int64_t extent) const {
    if (pixel < 0 || pixel >= extent) {
      if (padding == Padding::Zeros) return;
      const double at = static_cast<double>(pixel);
      const double inside = padding == Padding::Border ? at : reflect(at, extent);
      pixel = static_cast<std::int64_t>(std::clamp(inside, 0.0, static_cast<double>(extent - 1)));
    }
    sample.push_back({pixel, weight});
  }

  AxisSample operator()(double coordinate, std::int64_t extent) const {
    AxisSample out;
    const double n = static_cast<double>(extent);
    double x = align_corners ? (coordinate + 1) / 2 * (n - 1) : ((coordinate + 1) * n - 1) / 2;
    if (extent == 0 || std::isnan(x)) return out;
    if (mode == Mode::Nearest) x = std::nearbyint(x);
    if (x < low() || x > high(extent)) {
      if (padding == Padding::Border) x = std::clamp(x, 0.0, n - 1);
      if (padding == Padding::Reflection) x = std::isfinite(x) ? reflect(x, extent) : low();
    }
    // Beyond this no pixel contributes.
    x = std::clamp(x, -4.0, n + 4);
    if (mode == Mode::Nearest) {
      add(out, static_cast<std::int64_t>(x), 1, extent);
      return out;
    }
    const std::int64_t left = static_cast<std::int64_t>(std::floor(x));
    const double t = x - std::floor(x);
    if (mode == Mode::Linear) {
      add(out, left, 1 - t, extent);
      add(out, left + 1, t, extent);
      return out;
    }
    constexpr double a = -0.75;  // Keys 1981, as the standard fixes it
    const auto near = [](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    const auto far = [](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    add(out, left - 1, far(t + 1), extent);
    add(out, left, near(t), extent);
    add(out, left + 1, near(1 - t), extent);
    add(out, left + 2, far(2 - t), extent);
    return out;
  }
};

Sampler read_sampler(const ReferenceContext& context) {
  Sampler out{};
  const std::string mode = context.string("mode");
  context.check(mode == "nearest" || mode == "linear" || mode == "cubic",
                "expected mode nearest, linear or cubic, got '{}'", mode);
  out.mode = mode == "nearest" ? Mode::Nearest : mode == "linear" ? Mode::Linear : Mode::Cubic;
  const std::string padding = context.string("padding_mode");
  context.check(padding == "zeros" || padding == "border" || padding == "reflection",
                "expected padding_mode zeros, border or reflection, got '{}'", padding);
  out.padding = padding == "zeros"    ? Padding::Zeros
                : padding == "border" ? Padding::Border
                                      : Padding::Reflection;
  out.align_corners = context.integer("align_corners") != 0;
  return out;
}

// Calls visit(image, point, axes) for every point of the grid of every image of the batch.
void for_each_point(const ReferenceContext& context,
                    FunctionRef<void(std::size_t, std::size_t, std::span<const AxisSample>)> visit) {
  const Shape& image = context.shape(0);
  const Sampler sampler = read_sampler(context);
  const std::size_t rank = image.size() - 2;
  const std::vector<double> grid = context.doubles(1);
  const std::size_t batch = static_cast<std::size_t>(image[0]);
  const std::size_t points = grid.size() / rank / std::max<std::size_t>(1, batch);
  std::vector<AxisSample> axes(rank);
  for (std::size_t n = 0; n < batch; ++n) {
    for (std::size_t p = 0; p < points; ++p) {
      // Coordinates stand innermost axis first.
      for (std::size_t axis = 0; axis < rank; ++axis)
        axes[axis] = sampler(grid[(n * points + p) * rank + rank - 1 - axis], image[axis + 2]);
      visit(n, p, axes);
    }
  }
}

std::vector<double> sample_grid(const ReferenceContext& context, const std::vector<double>& x,
                                const Shape& output) {
  const Shape& image = context.shape(0);
  const auto plane_shape = std::span(image).subspan(2);
  const std::size_t plane = element_count(plane_shape);
  const std::size_t channels = static_cast<std::size_t>(image[1]);
  const std::size_t points = element_count(std::span(output).subspan(2));
  std::vector<double> y(element_count(output));
  for_each_point(context, [&](std::size_t n, std::size_t p, std::span<const AxisSample> axes) {
    for (std::size_t c = 0; c < channels; ++c)
      y[(n * channels + c) * points + p] =
          weighted_sum(std::span(x).subspan((n * channels + c) * plane, plane), plane_shape, axes);
  });
  return y;
}

void reference_grid_sample(ReferenceContext& context) {
  const Shape& image = context.shape(0);
  const Shape& grid = context.shape(1);
  context.check(image.size() >= 3 && grid.size() == image.size() && grid[0] == image[0] &&
                    grid.back() == static_cast<std::int64_t>(image.size()) - 2,
                "expected a grid of {} coordinates for each output pixel of [{},...], got {}",
                static_cast<std::int64_t>(image.size()) - 2, image.empty() ? 0 : image[0], text(grid));
  Shape output = {image[0], image[1]};
  output.insert(output.end(), grid.begin() + 1, grid.end() - 1);
  const DType dtype = context.dtype(0);
  context.check(dtype != DType::String, "texts cannot be interpolated");
  if (!is_complex(dtype)) {
    return context.set_doubles(0, dtype, output, sample_grid(context, context.doubles(0), output));
  }
  const std::vector<std::complex<double>> x = to_complexes(context.input(0));
  std::vector<double> real(x.size());
  std::vector<double> imaginary(x.size());
  std::ranges::transform(x, real.begin(), [](const auto& value) { return value.real(); });
  std::ranges::transform(x, imaginary.begin(), [](const auto& value) { return value.imag(); });
  real = sample_grid(context, real, output);
  imaginary = sample_grid(context, imaginary, output);
  std::vector<std::complex<double>> y(real.size());
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = {real[i], imaginary[i]};
  context.set_output(0, from_complexes(dtype, output, y));
}

void infer_grid_sample(InferContext& context) {
  const auto& image = context.dims(0);
  const auto& grid = context.dims(1);
  if (!image && !grid) return context.set_output(0, context.dtype(0), std::nullopt);
  const std::size_t rank = image ? image->size() : grid->size();
  context.check(rank >= 3 && (!grid || grid->size() == rank),
                "expected X and grid of one rank, 3 or more, got {} and {}", text(context.input(0)),
                text(context.input(1)));
  Dims out(rank);
  if (image) {
    out[0] = (*image)[0];
    out[1] = (*image)[1];
  }
  if (grid) std::copy(grid->begin() + 1, grid->end() - 1, out.begin() + 2);
  context.set_output(0, context.dtype(0), std::move(out));
}

Cost cost_grid_sample(const CostContext& context) {
  const std::string mode = context.node().attributes.string("mode", "linear");
  const double taps = mode == "nearest" ? 1 : mode == "linear" ? 2 : 4;
  const double rank = static_cast<double>(context.input_shape(0).size()) - 2;
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), 2 * std::pow(taps, rank) * context.output_elements(0));
  return cost;
}

// Where pixel `i` of `extent` lies between -1 and 1.
double normalized(std::int64_t i, std::int64_t extent, bool align_corners) {
  const double n = static_cast<double>(extent);
  const double at = static_cast<double>(i);
  if (!align_corners) return (2 * at + 1) / n - 1;
  return extent > 1 ? 2 * at / (n - 1) - 1 : -1;
}

void reference_affine_grid(ReferenceContext& context) {
  const Shape& theta_shape = context.shape(0);
  const std::vector<std::int64_t> size = context.integers(1);
  context.check(size.size() == 4 || size.size() == 5, "expected a size of 4 or 5 numbers, got {}",
                size.size());
  const std::size_t rank = size.size() - 2;
  const std::int64_t rows = static_cast<std::int64_t>(rank);
  context.check(theta_shape == Shape({size[0], rows, rows + 1}), "expected theta of shape [{},{},{}], got {}",
                size[0], rows, rows + 1, text(theta_shape));
  Shape output = {size[0]};
  output.insert(output.end(), size.begin() + 2, size.end());
  const std::size_t points = element_count(std::span(output).subspan(1));
  output.push_back(rows);
  const bool align_corners = context.integer("align_corners") != 0;
  const std::vector<double> theta = context.doubles(0);
  std::vector<double> grid(element_count(output));
  std::vector<double> at(rank + 1, 1);  // innermost axis first, then 1
  for (std::size_t i = 0; i < grid.size() / rank; ++i) {
    std::size_t rest = i % points;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      const std::int64_t extent = size[size.size() - 1 - axis];
      at[axis] = normalized(static_cast<std::int64_t>(rest) % extent, extent, align_corners);
      rest /= static_cast<std::size_t>(extent);
    }
    for (std::size_t row = 0; row < rank; ++row)
      for (std::size_t k = 0; k <= rank; ++k)
        grid[i * rank + row] += theta[((i / points) * rank + row) * (rank + 1) + k] * at[k];
  }
  context.set_doubles(0, context.dtype(0), output, grid);
}

void infer_affine_grid(InferContext& context) {
  const auto& theta = context.dims(0);
  const auto size = context.content(1);
  std::size_t rank = 0;
  if (theta && theta->size() == 3 && (*theta)[1].is_constant())
    rank = static_cast<std::size_t>((*theta)[1].value());
  if (size) rank = size->size() - std::min<std::size_t>(2, size->size());
  if (rank != 2 && rank != 3) return context.set_output(0, context.dtype(0), std::nullopt);
  Dims out(rank + 2);
  if (theta && !theta->empty()) out[0] = (*theta)[0];
  if (size) {
    out[0] = (*size)[0];
    std::copy(size->begin() + 2, size->end(), out.begin() + 1);
  }
  out.back() = static_cast<std::int64_t>(rank);
  context.set_output(0, context.dtype(0), std::move(out));
}

// Homogeneous coordinates of all points, times theta.
std::vector<ValueId> decompose_affine_grid(DecomposeContext& context) {
  const Type theta = context.type(0);
  if (!theta.dims || theta.dims->size() != 3 || !(*theta.dims)[1].is_constant()) return {};
  const std::int64_t rank = (*theta.dims)[1].value();
  GraphBuilder& builder = context.builder();
  const ValueId size = context.input(1);
  const ValueId spatial = builder.op("Slice", {size, builder.ints({2}), builder.ints({rank + 2})});
  const ValueId one = scalar_like(context, 0, 1);
  const ValueId two = scalar_like(context, 0, 2);
  const bool align_corners = context.integer("align_corners") != 0;
  const auto index = [&](std::int64_t value) { return builder.constant(Tensor::scalar(value)); };
  const ValueId column_shape =
      builder.op("Concat", {spatial, builder.ints({1})}, {{"axis", std::int64_t{0}}});
  std::vector<ValueId> columns;  // innermost axis first
  for (std::int64_t axis = rank; axis-- > 0;) {
    const ValueId extent = builder.op("Gather", {spatial, index(axis)});
    const ValueId n = builder.op("CastLike", {extent, context.input(0)});
    const ValueId at =
        builder.op("CastLike", {builder.op("Range", {index(0), extent, index(1)}), context.input(0)});
    ValueId line;
    if (align_corners) {
      const ValueId gaps = builder.op("Max", {builder.op("Sub", {n, one}), one});
      line = builder.op("Sub", {builder.op("Div", {builder.op("Mul", {at, two}), gaps}), one});
    } else {
      const ValueId doubled = builder.op("Add", {builder.op("Mul", {at, two}), one});
      line = builder.op("Sub", {builder.op("Div", {doubled, n}), one});
    }
    std::vector<std::int64_t> shape(static_cast<std::size_t>(rank) + 1, 1);
    shape[static_cast<std::size_t>(axis)] = -1;
    columns.push_back(
        builder.op("Expand", {builder.op("Reshape", {line, builder.ints(shape)}), column_shape}));
  }
  columns.push_back(builder.op("Expand", {one, column_shape}));
  const ValueId points = builder.op(
      "Reshape", {builder.op("Concat", columns, {{"axis", std::int64_t{-1}}}), builder.ints({-1, rank + 1})});
  const ValueId maps =
      builder.op("Transpose", {context.input(0)}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
  const ValueId batch = builder.op("Slice", {size, builder.ints({0}), builder.ints({1})});
  const ValueId shape =
      builder.op("Concat", {batch, spatial, builder.ints({rank})}, {{"axis", std::int64_t{0}}});
  return {builder.op("Reshape", {builder.op("MatMul", {points, maps}), shape})};
}

}  // namespace

std::vector<OpDef> grid_sample() {
  return {
      {.name = "AffineGrid",
       .schema = {"theta:T1, size:i64 -> grid:T1", {{"T1", types::kFloats}}, {{"align_corners", 0}}},
       .infer = infer_affine_grid,
       .reference = reference_affine_grid,
       .decompose = decompose_affine_grid},
      {.name = "GridSample",
       .schema = {"X:T1, grid:T2 -> Y:T1",
                  {{"T1", types::kPlain}, {"T2", types::kFloats}},
                  {{"align_corners", 0}, {"mode", "linear"}, {"padding_mode", "zeros"}}},
       .infer = infer_grid_sample,
       .reference = reference_grid_sample,
       .cost = cost_grid_sample},
  };
}

}  // namespace atlas::ops

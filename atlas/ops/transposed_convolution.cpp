// Windows written instead of read: ConvTranspose and Col2Im.
#include <algorithm>
#include <complex>

#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/window_geometry.h"

namespace atlas::ops {
namespace {

// What ConvTranspose says beyond a window: how large its output is.
struct OutputWish {
  std::vector<std::int64_t> padding;  // output_padding
  std::vector<std::int64_t> shape;    // output_shape, empty where it is not given
};

OutputWish read_wish(const Node& node, std::size_t rank) {
  OutputWish out{node.attributes.integers("output_padding"), node.attributes.integers("output_shape")};
  if (out.padding.empty()) out.padding.assign(rank, 0);
  require(out.padding.size() == rank, "{}: expected {} numbers in 'output_padding', got {}", describe(node),
          rank, out.padding.size());
  for (const std::int64_t padding : out.padding)
    require(padding >= 0 && padding < (std::int64_t{1} << 31), "{}: expected output_padding >= 0, got {}",
            describe(node), padding);
  // Some exporters name batch and channels too.
  if (out.shape.size() == rank + 2) out.shape.erase(out.shape.begin(), out.shape.begin() + 2);
  require(out.shape.empty() || out.shape.size() == rank, "{}: expected {} numbers in 'output_shape', got {}",
          describe(node), rank, out.shape.size());
  return out;
}

bool is_same(const WindowGeometry& geometry) {
  return geometry.auto_pad == WindowGeometry::AutoPad::SameUpper ||
         geometry.auto_pad == WindowGeometry::AutoPad::SameLower;
}

// Pixels that the windows over `windows` positions reach, no padding cut off.
Dim reach(const WindowGeometry& geometry, const OutputWish& wish, std::size_t axis, const Dim& windows) {
  return (windows - 1) * Dim(geometry.strides[axis]) + (wish.padding[axis] + geometry.extent(axis));
}

Dims transposed_image(const WindowGeometry& geometry, const OutputWish& wish, const Dims& windows,
                      const Node& node) {
  Dims out;
  for (std::size_t axis = 0; axis < geometry.rank(); ++axis) {
    if (!wish.shape.empty()) {
      out.emplace_back(wish.shape[axis]);
    } else if (is_same(geometry)) {
      out.push_back(windows[axis] * Dim(geometry.strides[axis]));
    } else {
      out.push_back(reach(geometry, wish, axis, windows[axis]) -
                    (geometry.pads_begin[axis] + geometry.pads_end[axis]));
    }
    require(!out.back().is_constant() || out.back().value() >= 0,
            "{}: expected an output of at least 0 pixels along spatial axis {}, got {}", describe(node), axis,
            out.back().text());
  }
  return out;
}

// The geometry of the windows over the output.
WindowGeometry with_transposed_pads(const WindowGeometry& stated, const OutputWish& wish,
                                    std::span<const std::int64_t> windows,
                                    std::span<const std::int64_t> image) {
  WindowGeometry out = stated;
  if (wish.shape.empty() && !is_same(stated)) return out;
  for (std::size_t axis = 0; axis < stated.rank(); ++axis) {
    const std::int64_t total =
        std::max<std::int64_t>(0, reach(stated, wish, axis, windows[axis]).value() - image[axis]);
    out.pads_begin[axis] =
        stated.auto_pad == WindowGeometry::AutoPad::SameUpper ? total / 2 : total - total / 2;
    out.pads_end[axis] = total - out.pads_begin[axis];
  }
  return out;
}

void reference_conv_transpose(ReferenceContext& context) {
  const Shape& x_shape = context.shape(0);
  const Shape& w_shape = context.shape(1);
  context.check(x_shape.size() >= 3 && w_shape.size() == x_shape.size(),
                "expected an image and weights of one rank, 3 or more, got {} and {}", text(x_shape),
                text(w_shape));
  const std::int64_t groups = context.integer("group");
  context.check(groups >= 1 && w_shape[0] == x_shape[1] && w_shape[0] % groups == 0,
                "expected weights for {} channels in {} groups, got {}", x_shape[1], groups, text(w_shape));
  const auto kernel = spatial(w_shape);
  const WindowGeometry stated = read_window(context.node(), kernel.size(), {kernel.begin(), kernel.end()});
  const OutputWish wish = read_wish(context.node(), kernel.size());
  const auto windows = spatial(x_shape);
  const Shape image =
      *constant_shape(transposed_image(stated, wish, Dims(windows.begin(), windows.end()), context.node()));
  const WindowGeometry geometry = with_transposed_pads(stated, wish, windows, image);

  context.check(w_shape[1] == 0 || groups <= (std::int64_t{1} << 48) / w_shape[1],
                "too many output channels: {} groups of {}", groups, w_shape[1]);
  Shape y_shape = {x_shape[0], w_shape[1] * groups};
  y_shape.insert(y_shape.end(), image.begin(), image.end());
  const std::size_t batch = static_cast<std::size_t>(x_shape[0]);
  const std::size_t inputs = static_cast<std::size_t>(x_shape[1]);
  const std::size_t group_inputs = inputs / static_cast<std::size_t>(groups);
  const std::size_t group_outputs = static_cast<std::size_t>(w_shape[1]);
  const std::size_t outputs = static_cast<std::size_t>(y_shape[1]);
  const std::size_t window_count = element_count(windows);
  const std::size_t plane = element_count(image);
  const std::size_t points = static_cast<std::size_t>(geometry.points());
  const std::vector<double> x = context.doubles(0);
  const std::vector<double> w = context.doubles(1);
  std::vector<double> y(element_count(y_shape));
  if (context.has_input(2)) {
    context.check(context.shape(2) == Shape{y_shape[1]}, "expected a bias of shape [{}], got {}", y_shape[1],
                  text(context.shape(2)));
    const std::vector<double> bias = context.doubles(2);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = bias[i / plane % outputs];
  }
  for_each_window(geometry, image, windows, [&](const Window& window) {
    for (std::size_t n = 0; n < batch; ++n) {
      for (std::size_t c = 0; c < inputs; ++c) {
        const double value = x[(n * inputs + c) * window_count + window.index];
        for (std::size_t m = 0; m < group_outputs; ++m) {
          const double* weights = w.data() + (c * group_outputs + m) * points;
          double* out = y.data() + (n * outputs + c / group_inputs * group_outputs + m) * plane;
          for (const Tap& tap : window.taps) out[tap.image] += value * weights[tap.kernel];
        }
      }
    }
  });
  context.set_doubles(0, context.dtype(0), y_shape, y);
}

void infer_conv_transpose(InferContext& context) {
  const auto& x = context.dims(0);
  const auto& w = context.dims(1);
  const std::optional<Dims>& ranked = x ? x : w;
  if (!ranked) return context.set_output(0, context.dtype(0), std::nullopt);
  const std::size_t rank = ranked->size();
  context.check(rank >= 3 && (!x || !w || w->size() == rank),
                "expected an image and weights of one rank, 3 or more, got {} and {}", text(context.input(0)),
                text(context.input(1)));
  Dims out(rank);
  if (x) out[0] = (*x)[0];
  std::optional<Shape> kernel;
  if (w) {
    out[1] = (*w)[1] * Dim(context.integer("group"));
    kernel = constant_shape(Dims(w->begin() + 2, w->end()));
  }
  if (x && (kernel || context.has_attribute("kernel_shape"))) {
    const WindowGeometry geometry = read_window(context.node(), rank - 2, kernel.value_or(Shape()));
    const Dims image = transposed_image(geometry, read_wish(context.node(), rank - 2),
                                        Dims(x->begin() + 2, x->end()), context.node());
    std::copy(image.begin(), image.end(), out.begin() + 2);
  }
  context.set_output(0, context.dtype(0), std::move(out));
}

Cost cost_conv_transpose(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> x = context.input_shape(0);
  const std::vector<std::int64_t> w = context.input_shape(1);
  double work = 2;
  for (const std::int64_t extent : x) work *= static_cast<double>(extent);
  for (std::size_t i = 1; i < w.size(); ++i) work *= static_cast<double>(w[i]);
  cost.add_operations(context.input_dtype(0), work);
  return cost;
}

// Columns [N, C * points, windows] added up into images [N, C, ...].
struct Fold {
  WindowGeometry geometry;
  Shape image;
  Shape counts;
  Shape output;

  template <typename T>
  std::vector<T> operator()(const std::vector<T>& columns) const {
    const std::size_t planes = static_cast<std::size_t>(output[0] * output[1]);
    const std::size_t points = static_cast<std::size_t>(geometry.points());
    const std::size_t windows = element_count(counts);
    const std::size_t plane = element_count(image);
    std::vector<T> out(element_count(output));
    for_each_window(geometry, image, counts, [&](const Window& window) {
      for (std::size_t p = 0; p < planes; ++p)
        for (const Tap& tap : window.taps)
          out[p * plane + tap.image] += columns[(p * points + tap.kernel) * windows + window.index];
    });
    return out;
  }
};

Fold read_fold(const ReferenceContext& context) {
  Fold out;
  out.image = context.integers(1);
  const Shape block = context.integers(2);
  context.check(!out.image.empty() && block.size() == out.image.size(),
                "expected image_shape and block_shape of one length, got {} and {}", text(out.image),
                text(block));
  for (const std::int64_t extent : out.image)
    context.check(extent >= 0 && extent < (std::int64_t{1} << 31), "bad image_shape {}", text(out.image));
  out.geometry = read_window(context.node(), block.size(), block);
  out.counts = window_counts(out.geometry, out.image, context.node());
  const Shape& columns = context.shape(0);
  const std::int64_t points = out.geometry.points();
  context.check(columns.size() == 3 && columns[1] % points == 0 &&
                    static_cast<std::size_t>(columns[2]) == element_count(out.counts),
                "expected columns [N, C * {}, {}], got {}", points, element_count(out.counts), text(columns));
  out.output = {columns[0], columns[1] / points};
  out.output.insert(out.output.end(), out.image.begin(), out.image.end());
  return out;
}

void reference_col2im(ReferenceContext& context) {
  const DType dtype = context.dtype(0);
  context.check(dtype != DType::String, "texts cannot be added up");
  const Fold fold = read_fold(context);
  if (is_complex(dtype)) {
    const std::vector<std::complex<double>> sums = fold(to_complexes(context.input(0)));
    context.set_output(0, from_complexes(dtype, fold.output, sums));
  } else if (is_floating(dtype)) {
    context.set_doubles(0, dtype, fold.output, fold(context.doubles(0)));
  } else {
    // Unsigned sums wrap.
    const std::vector<std::int64_t> columns = context.integers(0);
    const auto sums = fold(std::vector<std::uint64_t>(columns.begin(), columns.end()));
    context.set_integers(0, dtype, fold.output, std::vector<std::int64_t>(sums.begin(), sums.end()));
  }
}

void infer_col2im(InferContext& context) {
  const auto& columns = context.dims(0);
  const auto image = context.content(1);
  const auto block = context.content(2);
  std::size_t rank = 0;
  if (image) rank = image->size();
  if (block) rank = block->size();
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}})
    if (const auto& dims = context.dims(i); dims && dims->size() == 1 && (*dims)[0].is_constant())
      rank = static_cast<std::size_t>((*dims)[0].value());
  if (rank == 0 || rank > 64) return context.set_output(0, context.dtype(0), std::nullopt);
  Dims out(2 + rank);
  if (columns) {
    context.check(columns->size() == 3, "expected columns of rank 3, got {}", text(*columns));
    out[0] = (*columns)[0];
    if (block && !(product(*block) == Dim(0))) out[1] = floor_div((*columns)[1], product(*block));
  }
  if (image && image->size() == rank) std::copy(image->begin(), image->end(), out.begin() + 2);
  context.set_output(0, context.dtype(0), std::move(out));
}

}  // namespace

std::vector<OpDef> transposed_convolution() {
  return {
      {.name = "Col2Im",
       .schema = {"input:T, image_shape:i64, block_shape:i64 -> output:T",
                  {{"T", types::kPlain}},
                  {{"dilations", AttributeKind::Integers},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_col2im,
       .reference = reference_col2im},
      {.name = "ConvTranspose",
       .schema = {"X:T, W:T, B?:T -> Y:T",
                  {{"T", types::kFloats}},
                  {{"auto_pad", "NOTSET"},
                   {"dilations", AttributeKind::Integers},
                   {"group", 1},
                   {"kernel_shape", AttributeKind::Integers},
                   {"output_padding", AttributeKind::Integers},
                   {"output_shape", AttributeKind::Integers},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
       .infer = infer_conv_transpose,
       .reference = reference_conv_transpose,
       .cost = cost_conv_transpose},
  };
}

}  // namespace atlas::ops

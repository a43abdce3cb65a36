// Convolutions of 8-bit integers: their windows written out, then exact products, then the new scale.
#include <algorithm>
#include <optional>

#include "atlas/ops/requantize.h"
#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/igemm.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/unfold.h"
#include "atlas/targets/cpu/spatial_sizes.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

/// Indices of the inputs of the node.
struct Places {
  std::size_t weights, x_zero, w_zero;
};

struct IntegerConv {
  ConvShape shape;
  Shape output;
  std::int32_t x_zero = 0;
  std::vector<std::int32_t> w_zeros;  // one for each output channel, or none

  std::size_t positions() const { return volume(shape.output()); }
};

std::int64_t single_integer(const KernelContext& context, std::size_t i, std::int64_t otherwise) {
  if (!context.has_input(i)) return otherwise;
  context.check(context.input(i).element_count() == 1, "expected one number as input {}, got {}", i,
                text(context.input(i)));
  return to_ints(context.input(i))[0];
}

float single_float(const KernelContext& context, std::size_t i) {
  context.check(context.input(i).element_count() == 1, "expected one number as input {}, got {}", i,
                text(context.input(i)));
  return context.input(i).values<float>()[0];
}

IntegerConv read_conv(const KernelContext& context, const Node& node, std::int64_t groups, Places places) {
  const Tensor& x = context.input(0);
  const Tensor& w = context.input(places.weights);
  context.check(x.rank() == w.rank() && x.rank() >= 3,
                "expected input and weights of one rank, got {} and {}", text(x.shape()), text(w.shape()));
  context.check(groups >= 1 && w.dim(0) % groups == 0 && x.dim(1) == w.dim(1) * groups,
                "expected weights for {} channels in {} groups, got {}", x.dim(1), groups, text(w.shape()));
  const std::span<const std::int64_t> image = ops::spatial(x.shape());
  const std::span<const std::int64_t> kernel = ops::spatial(w.shape());
  const ops::WindowGeometry window =
      ops::read_window(node, image.size(), {kernel.begin(), kernel.end()}).with_explicit_pads(image);
  const Shape counts = ops::window_counts(window, image, node);
  IntegerConv out;
  out.output = {x.dim(0), w.dim(0)};
  out.output.insert(out.output.end(), counts.begin(), counts.end());
  out.shape.batch = static_cast<std::size_t>(x.dim(0));
  out.shape.in_channels = static_cast<std::size_t>(x.dim(1));
  out.shape.out_channels = static_cast<std::size_t>(w.dim(0));
  out.shape.groups = static_cast<std::size_t>(groups);
  out.shape.input = spatial_of(image, 1);
  out.shape.kernel = spatial_of(kernel, 1);
  out.shape.stride = spatial_of(window.strides, 1);
  out.shape.dilation = spatial_of(window.dilations, 1);
  out.shape.pad_begin = spatial_of(window.pads_begin, 0);
  out.shape.pad_end = spatial_of(window.pads_end, 0);
  out.x_zero = static_cast<std::int32_t>(single_integer(context, places.x_zero, 0));
  if (context.has_input(places.w_zero)) {
    const std::vector<std::int64_t> zeros = to_ints(context.input(places.w_zero));
    context.check(zeros.size() == 1 || zeros.size() == out.shape.out_channels,
                  "expected one zero point, or one for each of {} channels, got {}", out.shape.out_channels,
                  zeros.size());
    out.w_zeros.assign(out.shape.out_channels, static_cast<std::int32_t>(zeros[0]));
    if (zeros.size() > 1) std::ranges::copy(zeros, out.w_zeros.begin());
  }
  return out;
}

// `sums` receives the whole output.
void convolve(KernelContext& context, const IntegerConv& c, const Tensor& w, std::int32_t* sums) {
  const Tensor& x = context.input(0);
  const ConvShape& shape = c.shape;
  const std::size_t k = shape.group_in() * volume(shape.kernel);
  const std::size_t n = c.positions();
  const std::size_t group_size = shape.group_in() * volume(shape.input);
  const auto* images = static_cast<const std::uint8_t*>(x.raw());
  const auto* weights = static_cast<const std::uint8_t*>(w.raw());
  std::optional<Scratch> windows;
  if (!shape.pointwise()) windows.emplace(k * n);
  for (std::size_t i = 0; i < shape.batch * shape.groups; ++i) {
    const std::size_t first = i % shape.groups * shape.group_out();
    const std::uint8_t* columns = images + i * group_size;
    if (windows) {
      unfold(shape, shape.group_in(), columns, static_cast<std::uint8_t>(c.x_zero),
             windows->as<std::uint8_t>(), context.pool());
      columns = windows->as<std::uint8_t>();
    }
    const ByteMatrix left{weights + first * k,
                          w.dtype() == DType::I8,
                          k,
                          1,
                          0,
                          c.w_zeros.empty() ? nullptr : c.w_zeros.data() + first};
    const ByteMatrix right{columns, x.dtype() == DType::I8, n, 1, c.x_zero, nullptr};
    igemm({shape.group_out(), n, k}, left, PackedBytes(right, k, n, context.pool()),
          sums + i * shape.group_out() * n, n, context.pool());
  }
}

class ConvIntegerKernel : public Kernel {
 public:
  explicit ConvIntegerKernel(const NodeView& node) : node_(node.node()), groups_(node.integer("group", 1)) {}
  void run(KernelContext& context) const override {
    const IntegerConv c = read_conv(context, node_, groups_, {1, 2, 3});
    Tensor& out = context.output(0, DType::I32, c.output);
    if (out.element_count() > 0)
      convolve(context, c, context.input(1), out.values_mutable<std::int32_t>().data());
  }

 private:
  Node node_;  // for its attributes
  std::int64_t groups_;
};

class QLinearConvKernel : public Kernel {
 public:
  explicit QLinearConvKernel(const NodeView& node) : node_(node.node()), groups_(node.integer("group", 1)) {}
  void run(KernelContext& context) const override {
    const IntegerConv c = read_conv(context, node_, groups_, {3, 2, 5});
    const DType dtype = context.input(7).dtype();
    Tensor& out = context.output(0, dtype, c.output);
    if (out.element_count() == 0) return;
    Scratch memory(out.element_count() * sizeof(std::int32_t));
    std::int32_t* sums = memory.as<std::int32_t>();
    convolve(context, c, context.input(3), sums);

    const std::size_t channels = c.shape.out_channels;
    const std::span<const float> w_scales = context.input(4).values<float>();
    context.check(w_scales.size() == 1 || w_scales.size() == channels,
                  "expected one scale, or one for each of {} channels, got {}", channels, w_scales.size());
    const float x_scale = single_float(context, 1);
    const float y_scale = single_float(context, 6);
    const std::int64_t zero = single_integer(context, 7, 0);
    std::vector<std::int64_t> bias(channels, 0);
    if (context.has_input(8)) bias = to_ints(context.input(8));
    context.check(bias.size() == channels, "expected {} biases, got {}", channels, bias.size());
    auto* to = static_cast<std::uint8_t*>(out.raw_mutable());
    const std::size_t n = c.positions();
    context.pool().parallel_for(
        c.shape.batch * channels, std::max<std::size_t>(1, (1 << 13) / n),
        [&](std::size_t begin, std::size_t end) {
          for (std::size_t plane = begin; plane < end; ++plane) {
            const std::size_t m = plane % channels;
            const float scale = x_scale * w_scales[w_scales.size() == 1 ? 0 : m] / y_scale;
            const auto added = static_cast<double>(bias[m]);
            for (std::size_t i = plane * n; i < (plane + 1) * n; ++i)
              to[i] = static_cast<std::uint8_t>(ops::requantize(sums[i] + added, scale, zero, dtype));
          }
        });
  }

 private:
  Node node_;  // for its attributes
  std::int64_t groups_;
};

bool is_byte(DType dtype) {
  return dtype == DType::U8 || dtype == DType::I8;
}

bool has_windows(const NodeView& node, std::size_t weights) {
  const std::optional<Dims>& dims = node.input(weights).dims;
  return is_byte(node.dtype(0)) && is_byte(node.dtype(weights)) && dims && dims->size() >= 3 &&
         dims->size() <= 2 + kMaxSpatialRank;
}

std::unique_ptr<Kernel> make_conv_integer(const NodeView& node) {
  return has_windows(node, 1) ? std::make_unique<ConvIntegerKernel>(node) : nullptr;
}

std::unique_ptr<Kernel> make_qlinear_conv(const NodeView& node) {
  return has_windows(node, 3) && is_byte(node.dtype(7)) ? std::make_unique<QLinearConvKernel>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> integer_conv_kernels() {
  return {
      {"", "ConvInteger", make_conv_integer},
      {"", "QLinearConv", make_qlinear_conv},
  };
}

}  // namespace atlas::cpu

// Convolutions of 8-bit integers: ConvInteger, and QLinearConv with its new scale.
#include <algorithm>
#include <optional>

#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/byte_conv.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/transpose.h"
#include "atlas/targets/cpu/quantized_inputs.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {
namespace {

/// Indices of the inputs of the node.
struct Places {
  std::size_t weights, x_zero, w_zero;
};

struct IntegerConv {
  ConvShape shape;
  Shape output;  // batch, channels, spatial
};

// Batch and channels first, whatever the layout.
Shape channels_first(const Shape& shape) {
  Shape out = shape;
  std::rotate(out.begin() + 1, out.end() - 1, out.end());
  return out;
}
Shape channels_last(const Shape& shape) {
  Shape out = shape;
  std::rotate(out.begin() + 1, out.begin() + 2, out.end());
  return out;
}

// Permutes [batch, channels, spatial] with the channels last, or back.
void move_channels(const ConvShape& shape, const Spatial& size, std::size_t channels, bool to_last,
                   const void* from, void* to, std::size_t element_bytes, ThreadPool& pool) {
  const std::array extents = {shape.batch, to_last ? channels : volume(size),
                              to_last ? volume(size) : channels};
  constexpr std::array<std::size_t, 3> kSwapped = {0, 2, 1};
  transpose(from, to, extents, kSwapped, element_bytes, pool);
}

std::vector<std::int32_t> weight_zeros(const Tensor& zero, std::size_t channels) {
  const std::vector<std::int64_t> values = to_ints(zero);
  std::vector<std::int32_t> zeros(channels, static_cast<std::int32_t>(values.at(0)));
  if (values.size() > 1) std::ranges::copy(values, zeros.begin());
  return zeros;
}

// What both operators do: their integer sums, with the weights packed once where the model holds them.
class ConvolutionKernel : public Kernel {
 public:
  ConvolutionKernel(const NodeView& node, Places places)
      : node_(node.node()),
        groups_(node.integer("group", 1)),
        channels_last_(node.integer("channels_last", 0) != 0),
        places_(places) {
    const std::optional<Shape> w = node.constant_shape(places.weights);
    const Tensor* zero = node.constant(places.w_zero);
    if (!w || (node.has_input(places.w_zero) && zero == nullptr)) return;
    if (groups_ < 1 || (*w)[0] % groups_ != 0 || element_count(*w) == 0) return;
    if (zero != nullptr && zero->element_count() != 1 &&
        zero->element_count() != static_cast<std::size_t>((*w)[0]))
      return;
    ThreadPool alone(1);
    weight_shape_ = *w;
    const auto weights = [&] { return node.constant(places.weights)->raw(); };
    packed_.emplace(pack(*w, node.dtype(places.weights), weights, zero, alone, node.packer()));
  }
  bool reads(std::size_t i) const override {
    return !packed_ || (i != places_.weights && i != places_.w_zero);
  }

 protected:
  IntegerConv read_conv(const KernelContext& context) const {
    const Tensor& x = context.input(0);
    const Shape& w = packed_ ? weight_shape_ : context.input(places_.weights).shape();
    context.check(x.rank() == w.size() && x.rank() >= 3,
                  "expected input and weights of one rank, got {} and {}", shown(x.shape()), shown(w));
    const Shape image_shape = channels_last_ ? channels_first(x.shape()) : x.shape();
    context.check(groups_ >= 1 && w[0] % groups_ == 0 && image_shape[1] == w[1] * groups_,
                  "expected weights for {} channels in {} groups, got {}", image_shape[1], groups_, shown(w));
    const std::span<const std::int64_t> image = ops::spatial(image_shape);
    const std::span<const std::int64_t> kernel = ops::spatial(w);
    const ops::WindowGeometry window =
        ops::read_window(node_, image.size(), {kernel.begin(), kernel.end()}).with_explicit_pads(image);
    const Shape counts = ops::window_counts(window, image, node_);
    IntegerConv out;
    out.output = {x.dim(0), w[0]};
    out.output.insert(out.output.end(), counts.begin(), counts.end());
    out.shape = weight_shape(w);
    out.shape.batch = static_cast<std::size_t>(x.dim(0));
    out.shape.input = spatial_of(image, 1);
    out.shape.stride = spatial_of(window.strides, 1);
    out.shape.dilation = spatial_of(window.dilations, 1);
    out.shape.pad_begin = spatial_of(window.pads_begin, 0);
    out.shape.pad_end = spatial_of(window.pads_end, 0);
    return out;
  }

  Shape output_shape(const IntegerConv& c) const {
    return channels_last_ ? channels_last(c.output) : c.output;
  }

  /// `output.data` is where the node's output lies, with elements of `element_bytes`.
  void convolve(const KernelContext& context, const IntegerConv& c, IgemmOutput output,
                std::size_t element_bytes) const {
    const Tensor& x = context.input(0);
    std::optional<ByteConvWeights> own;
    if (!packed_) {
      const Tensor* zero = context.has_input(places_.w_zero) ? &context.input(places_.w_zero) : nullptr;
      context.check(
          zero == nullptr || zero->element_count() == 1 || zero->element_count() == c.shape.out_channels,
          "expected one zero point, or one for each of {} channels, got {}", c.shape.out_channels,
          zero != nullptr ? zero->element_count() : 0);
      const Tensor& w = context.input(places_.weights);
      own.emplace(pack(
          w.shape(), w.dtype(), [&] { return w.raw(); }, zero, context.pool(), plain_packer()));
    }
    const ByteConvWeights& weights = packed_ ? *packed_ : *own;
    ByteRows rows{.data = x.raw(), .is_signed = x.dtype() == DType::I8};
    rows.zero_point = single_integer(context, places_.x_zero, 0);
    output.stride = c.shape.out_channels;
    if (channels_last_) return byte_conv(c.shape, rows, weights, output, context.pool());
    Scratch turned_x(x.element_count());
    Scratch turned_y(element_count(c.output) * element_bytes);
    move_channels(c.shape, c.shape.input, c.shape.in_channels, true, x.raw(), turned_x.as<std::byte>(), 1,
                  context.pool());
    rows.data = turned_x.as<std::byte>();
    void* to = std::exchange(output.data, turned_y.as<std::byte>());
    byte_conv(c.shape, rows, weights, output, context.pool());
    move_channels(c.shape, c.shape.output(), c.shape.out_channels, false, turned_y.as<std::byte>(), to,
                  element_bytes, context.pool());
  }

 private:
  ConvShape weight_shape(const Shape& w) const {
    ConvShape shape;
    shape.groups = static_cast<std::size_t>(groups_);
    shape.out_channels = static_cast<std::size_t>(w[0]);
    shape.in_channels = static_cast<std::size_t>(w[1] * groups_);
    shape.kernel = spatial_of(ops::spatial(w), 1);
    const std::vector<std::int64_t> dilations = node_.attributes.integers("dilations");
    if (dilations.size() == w.size() - 2) shape.dilation = spatial_of(dilations, 1);
    return shape;
  }

  ByteConvWeights pack(const Shape& w, DType dtype, ByteFinder weights, const Tensor* zero, ThreadPool& pool,
                       Packer& packer) const {
    const ConvShape shape = weight_shape(w);
    std::vector<std::int32_t> zeros;
    if (zero != nullptr) zeros = weight_zeros(*zero, shape.out_channels);
    return {shape, weights, dtype == DType::I8, zeros.empty() ? nullptr : zeros.data(), pool, packer};
  }

  Node node_;  // for its attributes
  std::int64_t groups_;
  bool channels_last_;
  Places places_;
  Shape weight_shape_;
  std::optional<ByteConvWeights> packed_;
};

class ConvIntegerKernel : public ConvolutionKernel {
 public:
  explicit ConvIntegerKernel(const NodeView& node) : ConvolutionKernel(node, {1, 2, 3}) {}
  void run(KernelContext& context) const override {
    const IntegerConv c = read_conv(context);
    Tensor& out = context.output(0, DType::I32, output_shape(c));
    if (out.element_count() > 0) convolve(context, c, {.data = out.raw_mutable()}, sizeof(std::int32_t));
  }
};

class QLinearConvKernel : public ConvolutionKernel {
 public:
  explicit QLinearConvKernel(const NodeView& node) : ConvolutionKernel(node, {3, 2, 5}) {}
  void run(KernelContext& context) const override {
    const IntegerConv c = read_conv(context);
    const DType dtype = context.input(7).dtype();
    Tensor& out = context.output(0, dtype, output_shape(c));
    if (out.element_count() == 0) return;
    const std::size_t channels = c.shape.out_channels;
    const float x_scale = single_float(context, 1);
    const float y_scale = single_float(context, 6);
    const std::vector<float> scales =
        channel_scales(context, 4, channels, [&](float w_scale) { return x_scale * w_scale / y_scale; });
    IgemmOutput output =
        levels_output(dtype, out.raw_mutable(), channels, scales, single_integer(context, 7, 0));
    if (context.has_input(8)) {
      const std::span<const std::int32_t> bias = context.input(8).values<std::int32_t>();
      context.check(bias.size() == channels, "expected {} biases, got {}", channels, bias.size());
      output.bias = bias.data();
    }
    convolve(context, c, output, 1);
  }
};

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
      {"com.microsoft", "QLinearConv", make_qlinear_conv},
  };
}

}  // namespace atlas::cpu

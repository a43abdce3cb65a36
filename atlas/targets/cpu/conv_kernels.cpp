// Convolutions in f32: Conv, and FusedConv with its activation and residual.
#include <optional>

#include "atlas/ops/window_geometry.h"
#include "atlas/targets/cpu/conv_node.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/conv.h"
#include "atlas/targets/cpu/kernels/conv_transpose.h"
#include "atlas/targets/cpu/node_epilogue.h"
#include "atlas/targets/cpu/spatial_sizes.h"

namespace atlas::cpu {
namespace {

class ConvKernel : public Kernel {
 public:
  ConvKernel(const NodeView& node, Activation activation) : node_(node), activation_(activation) {
    if (const auto shape = node.constant_shape(1); shape && element_count(*shape) > 0) {
      weights_shape_ = *shape;
      const auto weights = [&] { return node.constant(1)->values<float>().data(); };
      packed_.emplace(node_.weight_shape(weights_shape_), weights, node.packer());
    }
  }
  bool reads(std::size_t i) const override { return i != 1 || !packed_; }

  std::optional<Precision> precision() const override { return Precision::F32; }
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    Shape out_shape;
    const ConvShape shape =
        node_.shape(context, x.shape(), packed_ ? weights_shape_ : context.input(1).shape(), out_shape);
    Tensor& out = context.output(0, DType::F32, out_shape);
    if (out.element_count() == 0) return;
    Epilogue epilogue = read_epilogue(context, shape.out_channels, out_shape);
    epilogue.activation = activation_;
    const float* input = x.values<float>().data();
    float* output = out.values_mutable<float>().data();
    if (packed_) {
      conv(shape, *packed_, input, output, epilogue, context.pool());
    } else {
      const float* w_values = context.input(1).values<float>().data();
      conv(shape, PackedConv(shape, w_values), input, output, epilogue, context.pool());
    }
  }

 private:
  ConvNode node_;
  Activation activation_;
  Shape weights_shape_;  // where they are packed
  std::optional<PackedConv> packed_;
};

// Explicit pads and a size that follows from them; other forms run by the reference.
class ConvTransposeKernel : public Kernel {
 public:
  explicit ConvTransposeKernel(const NodeView& node)
      : node_(node.node()), padding_(node.ints("output_padding")) {
    groups_ = static_cast<std::size_t>(node.integer("group", 1));
    if (const auto shape = node.constant_shape(1); shape && element_count(*shape) > 0) {
      weights_shape_ = *shape;
      const auto weights = [&] { return node.constant(1)->values<float>().data(); };
      packed_.emplace(forward_shape(weights_shape_), weights, node.packer());
    }
  }
  bool reads(std::size_t i) const override { return i != 1 || !packed_; }

  std::optional<Precision> precision() const override { return Precision::F32; }
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const Shape& w = packed_ ? weights_shape_ : context.input(1).shape();
    context.check(x.rank() == w.size() && x.rank() >= 3 && x.dim(1) == w[0],
                  "input {} and weights {} do not fit each other", shown(x.shape()), shown(w));
    const std::span<const std::int64_t> windows = ops::spatial(x.shape());
    const std::span<const std::int64_t> kernel = ops::spatial(w);
    const ops::WindowGeometry window =
        ops::read_window(node_, windows.size(), {kernel.begin(), kernel.end()});
    ConvShape shape = forward_shape(w);
    Shape out_shape = {x.dim(0), static_cast<std::int64_t>(shape.in_channels)};
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const std::int64_t extra = padding_.empty() ? 0 : padding_.at(i);
      const std::int64_t image = (windows[i] - 1) * window.strides[i] + window.extent(i) + extra -
                                 window.pads_begin[i] - window.pads_end[i];
      context.check(image >= 0, "an output of {} pixels along spatial axis {}", image, i);
      out_shape.push_back(image);
    }
    shape.batch = static_cast<std::size_t>(x.dim(0));
    shape.input = spatial_of(ops::spatial(out_shape), 1);
    shape.stride = spatial_of(window.strides, 1);
    shape.dilation = spatial_of(window.dilations, 1);
    shape.pad_begin = spatial_of(window.pads_begin, 0);
    shape.pad_end = spatial_of(window.pads_end, 0);

    Tensor& out = context.output(0, DType::F32, out_shape);
    if (out.element_count() == 0) return;
    const Epilogue epilogue = read_epilogue(context, shape.in_channels, out_shape);
    const float* input = x.values<float>().data();
    float* output = out.values_mutable<float>().data();
    if (packed_) {
      conv_transpose(shape, *packed_, input, output, epilogue, context.pool());
    } else {
      const PackedConvTranspose packed(shape, context.input(1).values<float>().data());
      conv_transpose(shape, packed, input, output, epilogue, context.pool());
    }
  }

 private:
  ConvShape forward_shape(const Shape& weights) const {
    ConvShape shape;
    shape.groups = groups_;
    shape.out_channels = static_cast<std::size_t>(weights[0]);
    shape.in_channels = static_cast<std::size_t>(weights[1]) * groups_;
    shape.kernel = spatial_of(ops::spatial(weights), 1);
    return shape;
  }

  Node node_;  // for its attributes
  std::vector<std::int64_t> padding_;
  std::size_t groups_ = 1;
  Shape weights_shape_;  // where they are packed
  std::optional<PackedConvTranspose> packed_;
};

// Inputs in f32, an image of one to three spatial axes.
bool is_convolution(const NodeView& node) {
  for (std::size_t i = 0; i < node.input_count(); ++i)
    if (node.has_input(i) && node.dtype(i) != DType::F32) return false;
  const std::optional<Dims>& weights = node.input(1).dims;
  return weights && weights->size() >= 3 && weights->size() <= 2 + kMaxSpatialRank;
}

std::unique_ptr<Kernel> make_conv(const NodeView& node) {
  if (!is_convolution(node)) return nullptr;
  const std::optional<Activation> activation = fused_activation(node);
  return activation ? std::make_unique<ConvKernel>(node, *activation) : nullptr;
}

std::unique_ptr<Kernel> make_conv_transpose(const NodeView& node) {
  if (!is_convolution(node) || node.string("auto_pad", "NOTSET") != "NOTSET" ||
      node.has_attribute("output_shape"))
    return nullptr;
  const std::vector<std::int64_t> padding = node.ints("output_padding");
  const std::vector<std::int64_t> strides = node.ints("strides");
  for (std::size_t i = 0; i < padding.size(); ++i)
    if (padding[i] >= (i < strides.size() ? strides[i] : 1)) return nullptr;
  return std::make_unique<ConvTransposeKernel>(node);
}

}  // namespace

std::vector<KernelDef> conv_kernels() {
  return {
      {"", "Conv", make_conv},
      {"", "ConvTranspose", make_conv_transpose},
      {"com.microsoft", "FusedConv", make_conv},
  };
}

}  // namespace atlas::cpu

// Images whose channels lie in blocks: moved into that layout and out of it, convolved and pooled.
#include <optional>
#include <utility>

#include "atlas/ops/blocked_channels.h"
#include "atlas/targets/cpu/conv_node.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/bf16_conv.h"
#include "atlas/targets/cpu/kernels/bf16_pair.h"
#include "atlas/targets/cpu/kernels/blocked_conv.h"
#include "atlas/targets/cpu/kernels/blocked_pair.h"
#include "atlas/targets/cpu/kernels/blocked_pool.h"
#include "atlas/targets/cpu/kernels/channel_blocks.h"
#include "atlas/targets/cpu/kernels/table_copy.h"
#include "atlas/targets/cpu/kernels/winograd.h"
#include "atlas/targets/cpu/node_epilogue.h"
#include "atlas/targets/cpu/pool_node.h"
#include "atlas/targets/cpu/spatial_sizes.h"
#include "atlas/targets/cpu/tensor_numbers.h"

namespace atlas::cpu {
namespace {

constexpr std::int64_t kBlock = ops::kChannelBlock;
static_assert(kBlock == channel_block);

std::size_t positions_of(const Shape& plain) {
  return element_count(Shape(plain.begin() + 2, plain.end()));
}

Shape blocked_shape(const Shape& plain) {
  Shape out = plain;
  out[1] = (plain[1] + kBlock - 1) / kBlock;
  out.push_back(kBlock);
  return out;
}

// The plain shape of a blocked image of so many channels.
Shape plain_shape(const KernelContext& context, const Shape& blocked, std::int64_t channels) {
  context.check(blocked.size() >= 3 && blocked.back() == kBlock && channels >= 0 &&
                    (channels + kBlock - 1) / kBlock == blocked[1],
                "expected [batch, blocks of {} channels, ..., {}], got {}", channels, kBlock, shown(blocked));
  Shape out(blocked.begin(), blocked.end() - 1);
  out[1] = channels;
  return out;
}

class BlockKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 2, "expected [batch, channels, ...], got {}", shown(x.shape()));
    Tensor& y = context.output(0, DType::F32, blocked_shape(x.shape()));
    if (y.element_count() == 0) return;
    block_channels(static_cast<std::size_t>(x.dim(0)), static_cast<std::size_t>(x.dim(1)),
                   positions_of(x.shape()), x.values<float>().data(), y.values_mutable<float>().data(),
                   context.pool());
  }
};

class UnblockKernel : public Kernel {
 public:
  explicit UnblockKernel(std::int64_t channels) : channels_(channels) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const Shape shape = plain_shape(context, x.shape(), channels_);
    Tensor& y = context.output(0, DType::F32, shape);
    if (y.element_count() == 0) return;
    unblock_channels(static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]),
                     positions_of(shape), x.values<float>().data(), y.values_mutable<float>().data(),
                     context.pool());
  }

 private:
  std::int64_t channels_;
};

// An input with a number for each channel of `images` images.
const float* channel_values(const KernelContext& context, std::size_t i, const Tensor& x,
                            std::int64_t images) {
  const Tensor& given = context.input(i);
  const Shape expected = {images, x.dim(1)};
  context.check(given.element_count() == element_count(expected) * channel_block &&
                    given.rank() == x.rank() && given.dim(0) == images && given.dim(1) == x.dim(1),
                "expected a factor for each channel of {}, got {}", shown(x.shape()), shown(given.shape()));
  return given.values<float>().data();
}

class BlockedConvKernel : public Kernel {
 public:
  BlockedConvKernel(const NodeView& node, const BlockedConvPlan& plan)
      : node_(node),
        activation_(plan.activation),
        factor_(node.real("factor", 1)),
        addend_(node.real("addend")),
        layout_(plan.layout),
        keeps_rounded_(node.integer("rounds") != 0),
        input_relu_(node.string("input_activation") == "Relu"),
        weights_shape_(*node.constant_shape(1)) {
    const auto weights = [&] { return node.constant(1)->values<float>().data(); };
    if (plan.rounds) {
      rounded_.emplace(plan.shape, plan.layout, weights, node.packer());
    } else if (PackedWinograd::is_worth_it(plan.shape) && !node.has_input(4)) {
      winograd_.emplace(plan.shape, weights, node.packer());
    } else {
      packed_.emplace(plan.shape, plan.layout, weights, node.packer());
    }
  }
  bool reads(std::size_t i) const override { return i != 1; }
  std::optional<Precision> precision() const override { return rounded_ ? Precision::Bf16 : Precision::F32; }

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const auto channels = static_cast<std::int64_t>(node_.weight_shape(weights_shape_).in_channels);
    Shape out_shape;
    const ConvShape shape = node_.shape(
        context, layout_ == ImageLayout::Plain ? x.shape() : plain_shape(context, x.shape(), channels),
        weights_shape_, out_shape);
    out_shape = blocked_shape(out_shape);
    Tensor& out = context.output(0, keeps_rounded_ ? DType::BF16 : DType::F32, out_shape);
    if (out.element_count() == 0) return;
    Epilogue epilogue = rounded_ ? Epilogue() : read_epilogue(context, shape.out_channels, out_shape);
    epilogue.activation = activation_;
    epilogue.factor = factor_;
    epilogue.addend = addend_;
    // Those of products of bfloat16 may be shared by all images.
    const bool shares =
        rounded_ && context.has_input(4) && context.input(4).rank() > 0 && context.input(4).dim(0) == 1;
    const auto scales = [&](std::size_t i) {
      return context.has_input(i) ? channel_values(context, i, x, shares ? 1 : x.dim(0)) : nullptr;
    };
    const float* factors = scales(4);
    if (rounded_) {
      epilogue.row_bias = read_bias(context, 2, shape.out_channels);
      Bf16ConvImages images{numbers(x), {}, mutable_numbers(out)};
      images.scale.factors = factors;
      images.scale.addends = scales(5);
      if (input_relu_) images.scale.least = 0;
      if (!shares) images.scale_stride = rounded_->image_channels();
      if (context.has_input(3)) {
        context.check(context.input(3).shape() == out_shape, "expected a residual of shape {}, got {}",
                      shown(out_shape), shown(context.input(3).shape()));
        images.residual = numbers(context.input(3));
      }
      return bf16_conv(shape, *rounded_, images, epilogue, context.pool());
    }
    if (winograd_) {
      winograd_conv(shape, *winograd_, x.values<float>().data(), out.values_mutable<float>().data(), epilogue,
                    context.pool());
    } else {
      blocked_conv(shape, *packed_, numbers(x), factors, mutable_numbers(out), epilogue, context.pool());
    }
  }

 private:
  ConvNode node_;
  Activation activation_;
  float factor_, addend_;
  ImageLayout layout_;
  bool keeps_rounded_, input_relu_;
  Shape weights_shape_;
  std::optional<PackedBlockedConv> packed_;  // one of these three
  std::optional<PackedBf16Conv> rounded_;
  std::optional<PackedWinograd> winograd_;
};

/// A convolution and the depthwise one behind it.
class BlockedPairKernel : public Kernel {
 public:
  BlockedPairKernel(const BlockedConvPlan& plan, const NodeView& conv, Activation conv_activation,
                    const NodeView& depthwise, Activation depthwise_activation)
      : layout_(plan.layout),
        keeps_rounded_(depthwise.integer("rounds") != 0),
        conv_(conv, conv_activation),
        depthwise_(depthwise, depthwise_activation) {
    if (plan.rounds) {
      const auto values = [&] { return conv.constant(1)->values<float>().data(); };
      rounded_.emplace(plan.shape, layout_, values, conv.packer());
    } else {
      conv_.pack(conv, layout_);
    }
    depthwise_.pack(depthwise, ImageLayout::Blocked);
  }
  bool reads(std::size_t i) const override { return i != 1 && i != 3; }
  std::optional<Precision> precision() const override { return rounded_ ? Precision::Bf16 : Precision::F32; }

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const auto channels = static_cast<std::int64_t>(conv_.node.weight_shape(conv_.weights).in_channels);
    Shape between, out_shape;
    const ConvShape first = conv_.node.shape(
        context, layout_ == ImageLayout::Plain ? x.shape() : plain_shape(context, x.shape(), channels),
        conv_.weights, between);
    const ConvShape second = depthwise_.node.shape(context, between, depthwise_.weights, out_shape);
    Tensor& out = context.output(0, keeps_rounded_ ? DType::BF16 : DType::F32, blocked_shape(out_shape));
    if (out.element_count() == 0) return;
    if (rounded_)
      return bf16_pair({first, *rounded_, conv_.epilogue(context, 2)},
                       {second, *depthwise_.packed, depthwise_.epilogue(context, 4)}, numbers(x),
                       mutable_numbers(out), context.pool());
    blocked_pair({first, *conv_.packed, conv_.epilogue(context, 2)},
                 {second, *depthwise_.packed, depthwise_.epilogue(context, 4)}, x.values<float>().data(),
                 out.values_mutable<float>().data(), context.pool());
  }

 private:
  struct Part {
    Part(const NodeView& view, Activation activated)
        : node(view),
          activation(activated),
          factor(view.real("factor", 1)),
          addend(view.real("addend")),
          weights(*view.constant_shape(1)) {}

    void pack(const NodeView& view, ImageLayout layout) {
      const auto values = [&] { return view.constant(1)->values<float>().data(); };
      packed.emplace(node.weight_shape(weights), layout, values, view.packer());
    }
    Epilogue epilogue(const KernelContext& context, std::size_t bias) const {
      Epilogue out;
      out.row_bias = read_bias(context, bias, static_cast<std::size_t>(weights[0]));
      out.activation = activation;
      out.factor = factor;
      out.addend = addend;
      return out;
    }

    ConvNode node;
    Activation activation;
    float factor, addend;
    Shape weights;
    std::optional<PackedBlockedConv> packed;
  };

  ImageLayout layout_;
  bool keeps_rounded_;
  Part conv_, depthwise_;
  std::optional<PackedBf16Conv> rounded_;  // the convolution's weights, where they are not packed in conv_
};

class BlockedConcatKernel : public Kernel {
 public:
  explicit BlockedConcatKernel(std::vector<std::int64_t> channels) : channels_(std::move(channels)) {}

  void run(KernelContext& context) const override {
    Shape shape = context.input(0).shape();
    context.check(channels_.size() == context.node().inputs.size(), "expected channels of {} images, got {}",
                  context.node().inputs.size(), channels_.size());
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      Shape own = context.input(i).shape();
      plain_shape(context, own, channels_[i]);  // checks it
      sum += channels_[i];
      own[1] = shape[1] = (sum + kBlock - 1) / kBlock;
      context.check(own == shape, "expected images of one size, got {} and {}",
                    shown(context.input(0).shape()), shown(context.input(i).shape()));
    }
    Tensor& out = context.output(0, context.input(0).dtype(), shape);
    if (out.element_count() == 0) return;
    const std::size_t positions = positions_of(Shape(shape.begin(), shape.end() - 1));
    const std::size_t image = out.element_count() / static_cast<std::size_t>(shape[0]);
    for (std::size_t n = 0; n < static_cast<std::size_t>(shape[0]); ++n) {
      std::size_t at = 0;
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        const Tensor& x = context.input(i);
        const auto channels = static_cast<std::size_t>(channels_[i]);
        append_channels(channels, positions,
                        numbers(x).at(n * (x.element_count() / static_cast<std::size_t>(shape[0]))), at,
                        mutable_numbers(out).at(n * image), context.pool());
        at += channels;
      }
    }
  }

 private:
  std::vector<std::int64_t> channels_;
};

// Every block of 16 channels moves as a whole.
class BlockedDepthToSpaceKernel : public Kernel {
 public:
  explicit BlockedDepthToSpaceKernel(std::int64_t size) : size_(size) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() == 5 && x.shape().back() == kBlock && size_ >= 1 && size_ <= x.dim(1) &&
                      x.dim(1) % (size_ * size_) == 0,
                  "expected [batch, a multiple of {} x {} blocks, height, width, {}], got {}", size_, size_,
                  kBlock, shown(x.shape()));
    const std::int64_t blocks = x.dim(1) / (size_ * size_), height = x.dim(2), width = x.dim(3);
    Tensor& out = context.output(0, x.dtype(), {x.dim(0), blocks, height * size_, width * size_, kBlock});
    if (out.element_count() == 0) return;
    const std::int64_t plane = height * width;
    // From [n, i, j, block, row, column]; in blocks of channels, for the output's axes n, block, row, column.
    std::vector<std::vector<std::int64_t>> offsets(4);
    for (std::int64_t n = 0; n < x.dim(0); ++n) offsets[0].push_back(n * x.dim(1) * plane);
    for (std::int64_t block = 0; block < blocks; ++block) offsets[1].push_back(block * plane);
    for (std::int64_t row = 0; row < height * size_; ++row)
      offsets[2].push_back(row % size_ * size_ * blocks * plane + row / size_ * width);
    for (std::int64_t column = 0; column < width * size_; ++column)
      offsets[3].push_back(column % size_ * blocks * plane + column / size_);
    table_copy(std::move(offsets), static_cast<const std::byte*>(x.raw()),
               static_cast<std::byte*>(out.raw_mutable()), channel_block * numbers(x).bytes(),
               context.pool());
  }

 private:
  std::int64_t size_;
};

class BlockedPoolKernel : public Kernel {
 public:
  BlockedPoolKernel(const NodeView& node, bool average)
      : node_(node.node()), average_(average), count_padding_(node.integer("count_include_pad") != 0) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 4 && x.shape().back() == kBlock,
                  "expected [batch, channel blocks, ..., {}], got {}", kBlock, shown(x.shape()));
    Pooling pooling = read_pooling(context, node_, Shape(x.shape().begin(), x.shape().end() - 1));
    pooling.output.push_back(kBlock);
    Tensor& out = context.output(0, x.dtype(), pooling.output);
    if (out.element_count() == 0) return;
    if (average_) {
      blocked_average_pool(pooling.shape, numbers(x), mutable_numbers(out), count_padding_, context.pool());
    } else {
      blocked_max_pool(pooling.shape, numbers(x), mutable_numbers(out), context.pool());
    }
  }

 private:
  Node node_;  // for its attributes
  bool average_;
  bool count_padding_;
};

bool takes_image(const NodeView& node) {
  return is_f32_or_bf16(node.dtype(0));
}

std::unique_ptr<Kernel> make_block(const NodeView& node) {
  return node.dtype(0) == DType::F32 ? std::make_unique<BlockKernel>() : nullptr;
}

std::unique_ptr<Kernel> make_unblock(const NodeView& node) {
  return node.dtype(0) == DType::F32 ? std::make_unique<UnblockKernel>(node.integer("channels")) : nullptr;
}

std::unique_ptr<Kernel> make_conv(const NodeView& node) {
  const std::optional<BlockedConvPlan> plan = plan_blocked_conv(node);
  return plan ? std::make_unique<BlockedConvKernel>(node, *plan) : nullptr;
}

std::unique_ptr<Kernel> make_pair(const NodeView& node) {
  const std::optional<Shape> w = node.constant_shape(1), d = node.constant_shape(3);
  const std::optional<Dims>& image = node.input(0).dims;
  if (!w || !d || !image || w->size() != 4 || d->size() != 4 || element_count(*w) == 0 || (*d)[1] != 1 ||
      (image->size() != 4 && image->size() != 5))
    return nullptr;
  for (std::size_t i = 1; i < node.input_count(); ++i)
    if (node.has_input(i) && node.dtype(i) != DType::F32) return nullptr;
  const auto [conv, depthwise] = pair_nodes(node.node(), d->front());
  const NodeView conv_view = node.of(conv), depthwise_view = node.of(depthwise);
  const auto first = fused_activation(conv_view), second = fused_activation(depthwise_view);
  const std::optional<BlockedConvPlan> plan = plan_blocked_conv(conv_view);
  const bool keeps_rounded = depthwise_view.integer("rounds") != 0;
  if (!first || !second || !plan || plan->shape.groups != 1 || (keeps_rounded && !plan->rounds))
    return nullptr;
  return std::make_unique<BlockedPairKernel>(*plan, conv_view, *first, depthwise_view, *second);
}

std::unique_ptr<Kernel> make_concat(const NodeView& node) {
  for (std::size_t i = 0; i < node.input_count(); ++i)
    if (!is_f32_or_bf16(node.dtype(i)) || node.dtype(i) != node.dtype(0)) return nullptr;
  return std::make_unique<BlockedConcatKernel>(node.ints("channels"));
}

std::unique_ptr<Kernel> make_depth_to_space(const NodeView& node) {
  return takes_image(node) ? std::make_unique<BlockedDepthToSpaceKernel>(node.integer("blocksize")) : nullptr;
}

template <bool average>
std::unique_ptr<Kernel> make_pool(const NodeView& node) {
  return takes_image(node) && node.ints("kernel_shape").size() <= kMaxSpatialRank
             ? std::make_unique<BlockedPoolKernel>(node, average)
             : nullptr;
}

}  // namespace

std::vector<KernelDef> blocked_kernels() {
  return {
      {"atlas", "BlockChannels", make_block},        {"atlas", "BlockedAveragePool", make_pool<true>},
      {"atlas", "BlockedConcat", make_concat},       {"atlas", "BlockedConv", make_conv},
      {"atlas", "BlockedConvPair", make_pair},       {"atlas", "BlockedDepthToSpace", make_depth_to_space},
      {"atlas", "BlockedMaxPool", make_pool<false>}, {"atlas", "UnblockChannels", make_unblock},
  };
}

}  // namespace atlas::cpu

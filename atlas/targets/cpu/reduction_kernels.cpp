// Reductions, softmax and normalisations in f32, the first in bfloat16 too.
#include <algorithm>
#include <cmath>
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/bf16_kernel.h"
#include "atlas/targets/cpu/kernels/elementwise.h"
#include "atlas/targets/cpu/kernels/norm.h"
#include "atlas/targets/cpu/kernels/reduce.h"
#include "atlas/targets/cpu/kernels/softmax.h"
#include "atlas/targets/cpu/tensor_numbers.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

bool first_is_f32(const NodeView& node) {
  return node.dtype(0) == DType::F32;
}

std::size_t axis_of(const KernelContext& context, std::int64_t axis, std::size_t rank) {
  return context.axis(axis, rank);
}

// Elements before, along and after axes [first, last).
struct Split {
  std::size_t outer, n, inner;
};
Split split(const Shape& shape, std::size_t first, std::size_t last) {
  const auto at = [&](std::size_t i) { return shape.begin() + static_cast<std::ptrdiff_t>(i); };
  return {element_count({shape.begin(), at(first)}), element_count({at(first), at(last)}),
          element_count({at(last), shape.end()})};
}

class SoftmaxKernel : public Kernel {
 public:
  SoftmaxKernel(std::int64_t axis, bool log) : axis_(axis), log_(log) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    Tensor& y = context.output(0, DType::F32, x.shape());
    if (y.element_count() == 0) return;
    const float* from = x.values<float>().data();
    float* to = y.values_mutable<float>().data();
    const std::size_t axis = axis_of(context, axis_, x.rank());
    const Split parts = split(x.shape(), axis, axis + 1);
    softmax(from, to, parts.outer, parts.n, parts.inner, log_, context.pool());
  }

 private:
  std::int64_t axis_;
  bool log_;
};

template <bool log>
std::unique_ptr<Kernel> make_softmax(const NodeView& node) {
  if (!first_is_f32(node) || (node.input(0).dims && node.input(0).dims->empty())) return nullptr;
  return std::make_unique<SoftmaxKernel>(node.integer("axis", -1), log);
}

// Axes come as input 1, may be left out (all axes, or none with noop_with_empty_axes).
class ReduceKernel : public Kernel {
 public:
  ReduceKernel(const NodeView& node, ReduceKind kind, bool root)
      : kind_(kind),
        root_(root),
        keep_(node.integer("keepdims", 1) != 0),
        noop_(node.integer("noop_with_empty_axes") != 0) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::vector<bool> reduced = reduced_axes(context, x.rank());
    Shape shape;
    for (std::size_t i = 0; i < x.rank(); ++i)
      if (!reduced[i] || keep_) shape.push_back(reduced[i] ? 1 : x.dim(i));
    Tensor& y = context.output(0, x.dtype(), shape);
    std::vector<float> sums(x.dtype() == DType::F32 ? 0 : y.element_count());  // before they are rounded
    float* to = x.dtype() == DType::F32 ? y.values_mutable<float>().data() : sums.data();

    // Runs of neighbouring axes, the last first, each into a buffer of its own but for the final one.
    Shape left = x.shape();
    Numbers<const std::byte> from = numbers(x);
    std::vector<float> buffers[2];
    std::size_t turn = 0;
    std::size_t last = x.rank();
    bool any = false;
    while (true) {
      while (last > 0 && !reduced[last - 1]) --last;
      if (last == 0) break;
      std::size_t first = last;
      while (first > 0 && reduced[first - 1]) --first;
      const Split parts = split(left, first, last);
      const bool is_final = std::find(reduced.begin(), reduced.begin() + static_cast<std::ptrdiff_t>(first),
                                      true) == reduced.begin() + static_cast<std::ptrdiff_t>(first);
      float* target = to;
      if (!is_final) {
        buffers[turn].resize(parts.outer * parts.inner);
        target = buffers[turn].data();
        turn = 1 - turn;
      }
      // Once squares or absolute values are taken, what is left is a sum.
      const bool again = any && (kind_ == ReduceKind::SumSquare || kind_ == ReduceKind::SumAbs);
      reduce(again ? ReduceKind::Sum : kind_, from, target, parts.outer, parts.n, parts.inner,
             context.pool());
      any = true;
      for (std::size_t i = first; i < last; ++i) left[i] = 1;
      from = target;
      last = first;
    }
    // No axis at all: each element is its own reduction.
    if (!any) reduce(kind_, from, to, x.element_count(), 1, 1, context.pool());
    if (root_) unary(UnaryKind::Sqrt, to, to, y.element_count(), context.pool());
    if (x.dtype() == DType::BF16) bf16_kernel().round(to, y.element_count(), mutable_numbers(y).as<Bf16>());
  }

 private:
  std::vector<bool> reduced_axes(const KernelContext& context, std::size_t rank) const {
    std::vector<std::int64_t> axes;
    if (context.has_input(1)) axes = to_ints(context.input(1));
    std::vector<bool> out(rank, axes.empty() && !noop_);
    for (const std::int64_t axis : axes) out[axis_of(context, axis, rank)] = true;
    return out;
  }

  ReduceKind kind_;
  bool root_;
  bool keep_;
  bool noop_;
};

template <ReduceKind kind, bool root = false>
std::unique_ptr<Kernel> make_reduce(const NodeView& node) {
  return is_f32_or_bf16(node.dtype(0)) ? std::make_unique<ReduceKernel>(node, kind, root) : nullptr;
}

class GlobalPoolKernel : public Kernel {
 public:
  explicit GlobalPoolKernel(ReduceKind kind) : kind_(kind) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 2, "expected an image, got {}", shown(x.shape()));
    Shape shape(x.rank(), 1);
    shape[0] = x.dim(0);
    shape[1] = x.dim(1);
    Tensor& y = context.output(0, DType::F32, shape);
    const Split parts = split(x.shape(), 2, x.rank());
    reduce(kind_, x.values<float>().data(), y.values_mutable<float>().data(), parts.outer, parts.n, 1,
           context.pool());
  }

 private:
  ReduceKind kind_;
};

template <ReduceKind kind>
std::unique_ptr<Kernel> make_global_pool(const NodeView& node) {
  return first_is_f32(node) ? std::make_unique<GlobalPoolKernel>(kind) : nullptr;
}

const float* optional_values(const KernelContext& context, std::size_t i, std::size_t count) {
  if (!context.has_input(i)) return nullptr;
  if (context.input(i).element_count() != count)
    context.check(false, "expected {} values as input {}, got {}", count, i, shown(context.input(i)));
  return context.input(i).values<float>().data();
}

class LayerNormKernel : public Kernel {
 public:
  explicit LayerNormKernel(const NodeView& node)
      : axis_(node.integer("axis", -1)), epsilon_(node.real("epsilon", 1e-5f)) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t axis = axis_of(context, axis_, x.rank());
    const Split parts = split(x.shape(), axis, x.rank());
    Shape statistics = x.shape();
    std::fill(statistics.begin() + static_cast<std::ptrdiff_t>(axis), statistics.end(), 1);
    float* extra[2] = {nullptr, nullptr};
    for (const std::size_t i : {1, 2})
      if (context.has_output(i))
        extra[i - 1] = context.output(i, DType::F32, statistics).values_mutable<float>().data();
    Tensor& y = context.output(0, DType::F32, x.shape());
    layer_norm(x.values<float>().data(), y.values_mutable<float>().data(), parts.outer, parts.n,
               optional_values(context, 1, parts.n), optional_values(context, 2, parts.n), epsilon_, extra[0],
               extra[1], context.pool());
  }

 private:
  std::int64_t axis_;
  float epsilon_;
};

class RmsNormKernel : public Kernel {
 public:
  explicit RmsNormKernel(const NodeView& node)
      : axis_(node.integer("axis", -1)), epsilon_(node.real("epsilon", 1e-5f)) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t axis = axis_of(context, axis_, x.rank());
    const Split parts = split(x.shape(), axis, x.rank());
    Tensor& y = context.output(0, DType::F32, x.shape());
    rms_norm(x.values<float>().data(), y.values_mutable<float>().data(), parts.outer, parts.n,
             optional_values(context, 1, parts.n), epsilon_, context.pool());
  }

 private:
  std::int64_t axis_;
  float epsilon_;
};

// The kernels above want scale and bias of exactly the normalised shape; the standard lets them broadcast.
template <typename K>
std::unique_ptr<Kernel> make_row_norm(const NodeView& node) {
  if (!first_is_f32(node) || node.integer("stash_type", 1) != 1 || !node.input(0).dims) return nullptr;
  const auto rank = static_cast<std::int64_t>(node.input(0).dims->size());
  std::int64_t axis = node.integer("axis", -1);
  if (axis < 0) axis += rank;
  for (const std::size_t i : {1, 2}) {
    if (!node.has_input(i)) continue;
    const std::optional<Dims>& dims = node.input(i).dims;
    if (node.dtype(i) != DType::F32 || !dims || static_cast<std::int64_t>(dims->size()) != rank - axis)
      return nullptr;
    for (std::size_t d = 0; d < dims->size(); ++d)
      if (!((*dims)[d] == (*node.input(0).dims)[static_cast<std::size_t>(axis) + d])) return nullptr;
  }
  return std::make_unique<K>(node);
}

// Inference form: statistics are inputs.
class BatchNormKernel : public Kernel {
 public:
  explicit BatchNormKernel(const NodeView& node) : epsilon_(node.real("epsilon", 1e-5f)) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 2, "expected an image, got {}", shown(x.shape()));
    const auto channels = static_cast<std::size_t>(x.dim(1));
    const float* gamma = optional_values(context, 1, channels);
    const float* beta = optional_values(context, 2, channels);
    const float* mean = optional_values(context, 3, channels);
    const float* variance = optional_values(context, 4, channels);
    std::vector<float> scale(channels);
    std::vector<float> shift(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon_);
      shift[c] = beta[c] - mean[c] * scale[c];
    }
    Tensor& y = context.output(0, DType::F32, x.shape());
    channel_affine(x.values<float>().data(), y.values_mutable<float>().data(),
                   static_cast<std::size_t>(x.dim(0)), channels, split(x.shape(), 2, x.rank()).n,
                   scale.data(), shift.data(), context.pool());
  }

 private:
  float epsilon_;
};

std::unique_ptr<Kernel> make_batch_norm(const NodeView& node) {
  for (std::size_t i = 0; i < 5; ++i)
    if (node.dtype(i) != DType::F32) return nullptr;
  return node.integer("training_mode") == 0 ? std::make_unique<BatchNormKernel>(node) : nullptr;
}

class GroupNormKernel : public Kernel {
 public:
  /// `groups` 0: as many as channels.
  GroupNormKernel(const NodeView& node, std::int64_t groups)
      : groups_(static_cast<std::size_t>(groups)), epsilon_(node.real("epsilon", 1e-5f)) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 2, "expected an image, got {}", shown(x.shape()));
    const auto channels = static_cast<std::size_t>(x.dim(1));
    const std::size_t groups = groups_ == 0 ? channels : groups_;
    context.check(channels % std::max<std::size_t>(groups, 1) == 0, "{} channels do not make {} equal groups",
                  channels, groups);
    Tensor& y = context.output(0, DType::F32, x.shape());
    if (y.element_count() == 0) return;
    group_norm(x.values<float>().data(), y.values_mutable<float>().data(), static_cast<std::size_t>(x.dim(0)),
               channels, split(x.shape(), 2, x.rank()).n, groups, optional_values(context, 1, channels),
               optional_values(context, 2, channels), epsilon_, context.pool());
  }

 private:
  std::size_t groups_;
  float epsilon_;
};

// Each channel by the squares of those around it (Krizhevsky et al. 2012).
class LrnKernel : public Kernel {
 public:
  explicit LrnKernel(const NodeView& node)
      : size_(node.integer("size")),
        alpha_(node.real("alpha")),
        beta_(node.real("beta")),
        bias_(node.real("bias")) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 2, "expected batch and channels, got {}", shown(x.shape()));
    context.check(size_ >= 1, "expected a size of at least 1, got {}", size_);
    const std::int64_t channels = x.dim(1);
    const std::int64_t before = std::min((size_ - 1) / 2, channels);
    const std::int64_t after = std::min(size_ - 1 - (size_ - 1) / 2, channels);
    const std::size_t plane = split(x.shape(), 2, x.rank()).n;
    const float* from = x.values<float>().data();
    float* to = context.output(0, DType::F32, x.shape()).values_mutable<float>().data();
    const float scale = alpha_ / static_cast<float>(size_);
    const auto planes = static_cast<std::size_t>(x.dim(0) * channels);
    context.pool().parallel_for(planes, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::int64_t c = static_cast<std::int64_t>(i) % channels;
        float* sums = to + i * plane;
        std::fill_n(sums, plane, 0.0f);
        for (std::int64_t k = std::max<std::int64_t>(-c, -before); k <= std::min(channels - 1 - c, after);
             ++k) {
          const float* row = from + static_cast<std::size_t>(static_cast<std::int64_t>(i) + k) * plane;
          for (std::size_t j = 0; j < plane; ++j) sums[j] += row[j] * row[j];
        }
        for (std::size_t j = 0; j < plane; ++j)
          sums[j] = from[i * plane + j] / std::pow(bias_ + scale * sums[j], beta_);
      }
    });
  }

 private:
  std::int64_t size_;
  float alpha_;
  float beta_;
  float bias_;
};

std::unique_ptr<Kernel> make_lrn(const NodeView& node) {
  return first_is_f32(node) ? std::make_unique<LrnKernel>(node) : nullptr;
}

std::unique_ptr<Kernel> make_instance_norm(const NodeView& node) {
  return first_is_f32(node) ? std::make_unique<GroupNormKernel>(node, 0) : nullptr;
}

std::unique_ptr<Kernel> make_group_norm(const NodeView& node) {
  const std::int64_t groups = node.integer("num_groups");
  return first_is_f32(node) && groups > 0 ? std::make_unique<GroupNormKernel>(node, groups) : nullptr;
}

}  // namespace

std::vector<KernelDef> reduction_kernels() {
  constexpr Sharing kInPlace = Sharing::InPlace;
  return {
      {"", "BatchNormalization", make_batch_norm, kInPlace},
      {"", "GlobalAveragePool", make_global_pool<ReduceKind::Mean>},
      {"", "GlobalMaxPool", make_global_pool<ReduceKind::Max>},
      {"", "GroupNormalization", make_group_norm, kInPlace},
      {"", "InstanceNormalization", make_instance_norm, kInPlace},
      {"", "LRN", make_lrn},
      {"", "LayerNormalization", make_row_norm<LayerNormKernel>, kInPlace},
      {"", "LogSoftmax", make_softmax<true>, kInPlace},
      {"", "RMSNormalization", make_row_norm<RmsNormKernel>, kInPlace},
      {"", "ReduceL1", make_reduce<ReduceKind::SumAbs>},
      {"", "ReduceL2", make_reduce<ReduceKind::SumSquare, true>},
      {"", "ReduceMax", make_reduce<ReduceKind::Max>},
      {"", "ReduceMean", make_reduce<ReduceKind::Mean>},
      {"", "ReduceMin", make_reduce<ReduceKind::Min>},
      {"", "ReduceProd", make_reduce<ReduceKind::Product>},
      {"", "ReduceSum", make_reduce<ReduceKind::Sum>},
      {"", "ReduceSumSquare", make_reduce<ReduceKind::SumSquare>},
      {"", "Softmax", make_softmax<false>, kInPlace},
  };
}

}  // namespace atlas::cpu

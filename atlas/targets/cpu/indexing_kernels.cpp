// Elements and slices read or written by index: GatherElements, GatherND, ScatterElements, ScatterND,
// NonZero.
#include <algorithm>
#include <cstring>

#include "atlas/ops/indexing.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

constexpr std::size_t kGrainBytes = 1 << 16;

bool has_whole_bytes(DType dtype) {
  return bits(dtype) >= 8;
}

std::size_t width(const Tensor& tensor) {
  return static_cast<std::size_t>(bits(tensor.dtype())) / 8;
}

// Blocks of `block` bytes. The common small ones are moved as numbers.
void copy_block(std::byte* to, const std::byte* from, std::size_t block) {
  if (block == 4) {
    std::memcpy(to, from, 4);
  } else if (block == 8) {
    std::memcpy(to, from, 8);
  } else {
    std::memcpy(to, from, block);
  }
}

// Block i of `out` is the slice of `data` at offsets[i].
void gather_blocks(const Tensor& data, const std::vector<std::int64_t>& offsets, std::size_t elements,
                   Tensor& out, ThreadPool& pool) {
  if (out.element_count() == 0) return;
  const std::size_t block = elements * width(data);
  const auto* from = static_cast<const std::byte*>(data.raw());
  auto* to = static_cast<std::byte*>(out.raw_mutable());
  pool.parallel_for(
      offsets.size(), std::max<std::size_t>(1, kGrainBytes / block), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
          copy_block(to + i * block, from + static_cast<std::size_t>(offsets[i]) * width(data), block);
      });
}

// A copy of input 0 with block i of the updates at offsets[i]; of several for one place the last stays.
void scatter_blocks(KernelContext& context, const std::vector<std::int64_t>& offsets, std::size_t elements) {
  const Tensor& data = context.input(0);
  const Tensor& updates = context.input(2);
  Tensor& out = context.output(0, data.dtype(), data.shape());
  if (data.element_count() == 0) return;
  auto* to = static_cast<std::byte*>(out.raw_mutable());
  if (out.raw() != data.raw()) std::memcpy(to, data.raw(), data.element_count() * width(data));
  const std::size_t block = elements * width(data);
  const auto* from = static_cast<const std::byte*>(updates.raw());
  if (block > 0)
    for (std::size_t i = 0; i < offsets.size(); ++i)
      copy_block(to + static_cast<std::size_t>(offsets[i]) * width(data), from + i * block, block);
}

class GatherElementsKernel : public Kernel {
 public:
  explicit GatherElementsKernel(const NodeView& node) : axis_(node.integer("axis")) {}
  void run(KernelContext& context) const override {
    const Tensor& data = context.input(0);
    const Tensor& indices = context.input(1);
    const std::int64_t axis = static_cast<std::int64_t>(context.axis(axis_, data.rank()));
    const std::vector<std::int64_t> offsets = element_offsets(
        context, data.shape(), indices.shape(), to_ints(indices), static_cast<std::size_t>(axis));
    gather_blocks(data, offsets, 1, context.output(0, data.dtype(), indices.shape()), context.pool());
  }

 private:
  std::int64_t axis_;
};

class GatherNdKernel : public Kernel {
 public:
  explicit GatherNdKernel(const NodeView& node) : batch_axes_(node.integer("batch_dims")) {}
  void run(KernelContext& context) const override {
    const Tensor& data = context.input(0);
    const Tensor& indices = context.input(1);
    context.check(batch_axes_ >= 0, "expected 0 or more in 'batch_dims', got {}", batch_axes_);
    const std::vector<std::int64_t> offsets = slice_offsets(
        context, data.shape(), indices.shape(), to_ints(indices), static_cast<std::size_t>(batch_axes_));
    const Shape slice(data.shape().begin() + batch_axes_ + indices.shape().back(), data.shape().end());
    Shape shape(indices.shape().begin(), indices.shape().end() - 1);
    shape.insert(shape.end(), slice.begin(), slice.end());
    gather_blocks(data, offsets, element_count(slice), context.output(0, data.dtype(), shape),
                  context.pool());
  }

 private:
  std::int64_t batch_axes_;
};

class ScatterElementsKernel : public Kernel {
 public:
  explicit ScatterElementsKernel(const NodeView& node) : axis_(node.integer("axis")) {}
  void run(KernelContext& context) const override {
    const Tensor& data = context.input(0);
    const Tensor& indices = context.input(1);
    context.check(context.input(2).shape() == indices.shape(),
                  "expected as many updates as indices, {}, got {}", shown(indices.shape()),
                  shown(context.input(2).shape()));
    const std::int64_t axis = static_cast<std::int64_t>(context.axis(axis_, data.rank()));
    scatter_blocks(context,
                   element_offsets(context, data.shape(), indices.shape(), to_ints(indices),
                                   static_cast<std::size_t>(axis)),
                   1);
  }

 private:
  std::int64_t axis_;
};

class ScatterNdKernel : public Kernel {
 public:
  explicit ScatterNdKernel(const NodeView&) {}
  void run(KernelContext& context) const override {
    const Shape& data = context.input(0).shape();
    const Tensor& indices = context.input(1);
    const std::vector<std::int64_t> offsets =
        slice_offsets(context, data, indices.shape(), to_ints(indices), 0);
    const Shape slice(data.begin() + indices.shape().back(), data.end());
    Shape wanted(indices.shape().begin(), indices.shape().end() - 1);
    wanted.insert(wanted.end(), slice.begin(), slice.end());
    context.check(context.input(2).shape() == wanted, "expected updates of shape {}, got {}", shown(wanted),
                  shown(context.input(2).shape()));
    scatter_blocks(context, offsets, element_count(slice));
  }
};

template <typename K>
std::unique_ptr<Kernel> make(const NodeView& node) {
  const bool reduces = node.string("reduction", "none") != "none";
  return has_whole_bytes(node.dtype(0)) && !reduces ? std::make_unique<K>(node) : nullptr;
}

template <typename T>
class NonZeroKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::span<const T> values = x.values<T>();
    const auto found = values.size() - static_cast<std::size_t>(std::ranges::count(values, T{}));
    Tensor& out = context.output(0, DType::I64,
                                 {static_cast<std::int64_t>(x.rank()), static_cast<std::int64_t>(found)});
    std::int64_t* to = out.template values_mutable<std::int64_t>().data();
    std::size_t next = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == T{}) continue;
      auto rest = static_cast<std::int64_t>(i);
      for (std::size_t axis = x.rank(); axis-- > 0; rest /= x.dim(axis))
        to[axis * found + next] = rest % x.dim(axis);
      ++next;
    }
  }
};

std::unique_ptr<Kernel> make_non_zero(const NodeView& node) {
  switch (node.dtype(0)) {
    case DType::Bool:
      return std::make_unique<NonZeroKernel<bool>>();
    case DType::F32:
      return std::make_unique<NonZeroKernel<float>>();
    case DType::I32:
      return std::make_unique<NonZeroKernel<std::int32_t>>();
    case DType::I64:
      return std::make_unique<NonZeroKernel<std::int64_t>>();
    default:
      return nullptr;
  }
}

}  // namespace

std::vector<KernelDef> indexing_kernels() {
  return {
      {"", "GatherElements", make<GatherElementsKernel>},
      {"", "GatherND", make<GatherNdKernel>},
      {"", "NonZero", make_non_zero},
      {"", "ScatterElements", make<ScatterElementsKernel>},
      {"", "ScatterND", make<ScatterNdKernel>},
  };
}

}  // namespace atlas::cpu

// Operators that only move elements: concatenation, splitting, slicing, transposing, repeating, gathering.
#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <span>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/strided_copy.h"
#include "atlas/targets/cpu/kernels/transpose.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

using Strides = std::vector<std::int64_t>;

// Elements of whole bytes: no strings, nothing packed.
bool is_movable(DType dtype) {
  return bits(dtype) >= 8;
}

std::size_t width(const Tensor& tensor) {
  return static_cast<std::size_t>(bits(tensor.dtype())) / 8;
}
const std::byte* bytes_of(const Tensor& tensor) {
  return static_cast<const std::byte*>(tensor.raw());
}
std::byte* bytes_of(Tensor& tensor) {
  return static_cast<std::byte*>(tensor.raw_mutable());
}

std::size_t axis_of(const KernelContext& context, std::int64_t axis, std::size_t rank) {
  return context.axis(axis, rank);
}

template <typename K>
std::unique_ptr<Kernel> make(const NodeView& node) {
  return is_movable(node.dtype(0)) ? std::make_unique<K>(node) : nullptr;
}

class ConcatKernel : public Kernel {
 public:
  explicit ConcatKernel(const NodeView& node) : axis_(node.integer("axis")) {}
  void run(KernelContext& context) const override {
    const std::size_t count = context.node().inputs.size();
    const Tensor& first = context.input(0);
    const std::size_t axis = axis_of(context, axis_, first.rank());
    Shape shape = first.shape();
    for (std::size_t i = 1; i < count; ++i) {
      Shape other = context.input(i).shape();
      if (other.size() != shape.size())
        context.check(false, "inputs {} and {} differ in rank", shown(first.shape()), shown(other));
      shape[axis] += other[axis];
      other[axis] = first.dim(axis);
      if (other != first.shape())
        context.check(false, "inputs {} and {} differ beside axis {}", shown(first.shape()),
                      shown(context.input(i).shape()), axis);
    }
    Tensor& out = context.output(0, first.dtype(), shape);
    const Strides to = row_major_strides(shape);
    // With Sharing::Joined, parts may stand in the result. What stands elsewhere in it (where sizes are not
    // as the model says) is taken out first.
    std::map<std::size_t, Tensor> misplaced;
    std::vector<std::byte*> places;
    std::int64_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Tensor& part = context.input(i);
      places.push_back(bytes_of(out) + static_cast<std::size_t>(at * to[axis]) * width(out));
      const std::byte* from = bytes_of(part);
      if (from != places[i] && from < bytes_of(out) + out.size_bytes() &&
          bytes_of(out) < from + part.size_bytes())
        misplaced.emplace(i, part.clone());
      at += part.dim(axis);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto moved = misplaced.find(i);
      const Tensor& part = moved == misplaced.end() ? context.input(i) : moved->second;
      if (bytes_of(part) != places[i])
        strided_copy(part.shape(), bytes_of(part), row_major_strides(part.shape()), places[i], to, width(out),
                     context.pool());
    }
  }

 private:
  std::int64_t axis_;
};

class SplitKernel : public Kernel {
 public:
  explicit SplitKernel(const NodeView& node) : axis_(node.integer("axis")) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t axis = axis_of(context, axis_, x.rank());
    const std::vector<std::int64_t> sizes = part_sizes(context, x.dim(axis));
    const Strides from = row_major_strides(x.shape());
    std::int64_t at = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (context.has_output(i)) {
        Shape shape = x.shape();
        shape[axis] = sizes[i];
        Tensor& out = context.output(i, x.dtype(), shape);
        strided_copy(shape, bytes_of(x) + static_cast<std::size_t>(at * from[axis]) * width(x), from,
                     bytes_of(out), row_major_strides(shape), width(x), context.pool());
      }
      at += sizes[i];
    }
  }

 private:
  static std::vector<std::int64_t> part_sizes(const KernelContext& context, std::int64_t extent) {
    const std::size_t parts = context.node().outputs.size();
    std::vector<std::int64_t> sizes;
    if (context.has_input(1)) {
      sizes = to_ints(context.input(1));
      std::int64_t sum = 0;
      for (const std::int64_t size : sizes) {
        context.check(size >= 0 && size <= extent - sum, "parts do not add up to {}", extent);
        sum += size;
      }
      context.check(sum == extent && sizes.size() == parts, "{} parts that add up to {} cannot be made of {}",
                    sizes.size(), sum, extent);
      return sizes;
    }
    const auto count = static_cast<std::int64_t>(parts);
    const std::int64_t size = (extent + count - 1) / count;
    for (std::int64_t i = 0; i < count; ++i)
      sizes.push_back(std::clamp<std::int64_t>(extent - i * size, 0, size));
    return sizes;
  }

  std::int64_t axis_;
};

class SliceKernel : public Kernel {
 public:
  explicit SliceKernel(const NodeView&) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::vector<std::int64_t> starts = to_ints(context.input(1));
    const std::vector<std::int64_t> ends = to_ints(context.input(2));
    std::vector<std::int64_t> axes(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
    if (context.has_input(3)) axes = to_ints(context.input(3));
    std::vector<std::int64_t> steps(starts.size(), 1);
    if (context.has_input(4)) steps = to_ints(context.input(4));
    context.check(
        ends.size() == starts.size() && axes.size() == starts.size() && steps.size() == starts.size(),
        "starts, ends, axes and steps differ in length");
    Shape shape = x.shape();
    Strides from = row_major_strides(shape);
    std::int64_t first = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::size_t axis = axis_of(context, axes[i], x.rank());
      const std::int64_t extent = x.dim(axis);
      const std::int64_t step = steps[i];
      context.check(step != 0 && step > std::numeric_limits<std::int64_t>::min(), "a step of {}", step);
      const auto bounded = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
        return std::max(low, std::min(at < 0 ? at + extent : at, high));  // high < low on an empty axis
      };
      const std::int64_t start = step > 0 ? bounded(starts[i], 0, extent) : bounded(starts[i], 0, extent - 1);
      const std::int64_t end = step > 0 ? bounded(ends[i], 0, extent) : bounded(ends[i], -1, extent - 1);
      const std::int64_t span = step > 0 ? end - start : start - end;
      const std::int64_t stride = step > 0 ? step : -step;
      shape[axis] = span <= 0 || extent == 0 ? 0 : (span - 1) / stride + 1;
      if (shape[axis] > 0) first += start * from[axis];
      // With one element the stride is not used, and a huge step would overflow it.
      from[axis] = shape[axis] > 1 ? from[axis] * step : 0;
    }
    Tensor& out = context.output(0, x.dtype(), shape);
    if (out.element_count() == 0) return;
    strided_copy(shape, bytes_of(x) + static_cast<std::size_t>(first) * width(x), from, bytes_of(out),
                 row_major_strides(shape), width(x), context.pool());
  }
};

class TransposeKernel : public Kernel {
 public:
  explicit TransposeKernel(const NodeView& node) : permutation_(node.ints("perm")) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    std::vector<std::size_t> order;
    for (const std::int64_t axis : permutation_) order.push_back(axis_of(context, axis, x.rank()));
    if (order.empty())
      for (std::size_t i = x.rank(); i-- > 0;) order.push_back(i);
    if (order.size() != x.rank())
      context.check(false, "a permutation of {} axes for {}", order.size(), shown(x.shape()));
    Shape shape;
    for (const std::size_t axis : order) shape.push_back(x.dim(axis));
    Tensor& out = context.output(0, x.dtype(), shape);
    const std::vector<std::size_t> sizes(x.shape().begin(), x.shape().end());
    transpose(x.raw(), out.raw_mutable(), sizes, order, width(x), context.pool());
  }

 private:
  std::vector<std::int64_t> permutation_;
};

class ExpandKernel : public Kernel {
 public:
  explicit ExpandKernel(const NodeView&) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const Shape shape = broadcast(x.shape(), to_ints(context.input(1)));
    Tensor& out = context.output(0, x.dtype(), shape);
    strided_copy(shape, bytes_of(x), broadcast_strides(x.shape(), shape), bytes_of(out),
                 row_major_strides(shape), width(x), context.pool());
  }
};

class GatherKernel : public Kernel {
 public:
  explicit GatherKernel(const NodeView& node) : axis_(node.integer("axis")) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const Tensor& indices = context.input(1);
    const std::size_t axis = axis_of(context, axis_, x.rank());
    const std::int64_t extent = x.dim(axis);
    std::vector<std::int64_t> picks = to_ints(indices);
    for (std::int64_t& pick : picks) {
      context.check(pick >= -extent && pick < extent, "index {} is outside [{}, {})", pick, -extent, extent);
      if (pick < 0) pick += extent;
    }
    const auto at = x.shape().begin() + static_cast<std::ptrdiff_t>(axis);
    Shape shape(x.shape().begin(), at);
    shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
    shape.insert(shape.end(), at + 1, x.shape().end());
    Tensor& out = context.output(0, x.dtype(), shape);
    const std::size_t outer = element_count({x.shape().begin(), at});
    const std::size_t block = element_count({at + 1, x.shape().end()}) * width(x);
    if (out.element_count() == 0) return;
    const std::byte* from = bytes_of(x);
    std::byte* to = bytes_of(out);
    constexpr std::size_t kGrainBytes = 1 << 16;
    context.pool().parallel_for(
        outer * picks.size(), std::max<std::size_t>(1, kGrainBytes / block),
        [&](std::size_t begin, std::size_t end) {
          for (std::size_t i = begin; i < end; ++i) {
            const std::size_t o = i / picks.size();
            const auto pick = static_cast<std::size_t>(picks[i % picks.size()]);
            std::memcpy(to + i * block, from + (o * static_cast<std::size_t>(extent) + pick) * block, block);
          }
        });
  }

 private:
  std::int64_t axis_;
};

// Along the first axis that is longer than 1, parts stand one behind the other.
std::unique_ptr<Kernel> make_joined(const NodeView& node) {
  const std::optional<Dims>& dims = node.input(0).dims;
  if (!dims) return nullptr;
  const auto rank = static_cast<std::int64_t>(dims->size());
  std::int64_t axis = node.integer("axis");
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return nullptr;
  for (const Dim& dim : std::span(*dims).first(static_cast<std::size_t>(axis)))
    if (!dim.is_constant() || dim.value() != 1) return nullptr;
  return make<ConcatKernel>(node);
}

}  // namespace

std::vector<KernelDef> movement_kernels() {
  return {
      {"", "Concat", make_joined, Sharing::Joined},
      {"", "Concat", make<ConcatKernel>},
      {"", "Expand", make<ExpandKernel>},
      {"", "Gather", make<GatherKernel>},
      {"", "Slice", make<SliceKernel>},
      {"", "Split", make<SplitKernel>},
      {"", "Transpose", make<TransposeKernel>},
  };
}

}  // namespace atlas::cpu

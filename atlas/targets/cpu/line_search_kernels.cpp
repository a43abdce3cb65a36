// What is found or summed along the lines of an axis: ArgMax, ArgMin, TopK, CumSum.
#include <algorithm>
#include <functional>
#include <numeric>
#include <type_traits>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

// Elements before, along and after an axis.
struct Lines {
  std::size_t outer, length, inner;

  Lines(const Shape& shape, std::size_t axis)
      : outer(element_count({shape.data(), axis})),
        length(static_cast<std::size_t>(shape[axis])),
        inner(element_count({shape.data() + axis + 1, shape.size() - axis - 1})) {}

  std::size_t count() const { return outer * inner; }
  /// The first element of line `i`, when each line has `elements`.
  std::size_t start(std::size_t i, std::size_t elements) const {
    return i / inner * elements * inner + i % inner;
  }
  /// Lines that make a fair part of the work.
  std::size_t grain() const { return std::max<std::size_t>(1, (1 << 14) / std::max<std::size_t>(1, length)); }
};

std::size_t axis_of(const KernelContext& context, std::int64_t axis) {
  return context.axis(axis, context.input(0).rank());
}

template <typename T>
bool is_nan(T value) {
  return value != value;
}

// A NaN comes before every number.
template <typename T, typename Compare>
bool better(T a, T b, Compare compare) {
  return is_nan(a) || is_nan(b) ? is_nan(a) && !is_nan(b) : compare(a, b);
}

template <typename T, typename Compare>
class ArgExtremumKernel : public Kernel {
 public:
  explicit ArgExtremumKernel(const NodeView& node)
      : axis_(node.integer("axis")),
        keep_(node.integer("keepdims", 1) != 0),
        last_(node.integer("select_last_index") != 0) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t axis = axis_of(context, axis_);
    context.check(x.dim(axis) > 0, "expected elements along axis {}, got none", axis);
    Shape shape = x.shape();
    if (keep_) {
      shape[axis] = 1;
    } else {
      shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    }
    const Lines lines(x.shape(), axis);
    const T* from = x.values<T>().data();
    std::int64_t* to = context.output(0, DType::I64, shape).template values_mutable<std::int64_t>().data();
    context.pool().parallel_for(lines.count(), lines.grain(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        to[i] = position(from + lines.start(i, lines.length), lines.length, lines.inner);
    });
  }

 private:
  std::int64_t position(const T* line, std::size_t length, std::size_t step) const {
    std::size_t best = 0;
    for (std::size_t k = 1; k < length; ++k) {
      const T a = line[k * step];
      const T b = line[best * step];
      if (better(a, b, Compare()) || (last_ && !better(b, a, Compare()))) best = k;
    }
    return static_cast<std::int64_t>(best);
  }

  std::int64_t axis_;
  bool keep_;
  bool last_;
};

template <template <typename> typename Compare>
std::unique_ptr<Kernel> make_arg_extremum(const NodeView& node) {
  switch (node.dtype(0)) {
    case DType::F32:
      return std::make_unique<ArgExtremumKernel<float, Compare<float>>>(node);
    case DType::I32:
      return std::make_unique<ArgExtremumKernel<std::int32_t, Compare<std::int32_t>>>(node);
    case DType::I64:
      return std::make_unique<ArgExtremumKernel<std::int64_t, Compare<std::int64_t>>>(node);
    default:
      return nullptr;
  }
}

// Of equal elements the first counts as the better one.
template <typename T>
class TopKKernel : public Kernel {
 public:
  explicit TopKKernel(const NodeView& node)
      : axis_(node.integer("axis", -1)), largest_(node.integer("largest", 1) != 0) {}

  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t axis = axis_of(context, axis_);
    context.check(context.input(1).element_count() == 1, "expected one number as K, got {}",
                  shown(context.input(1)));
    const std::int64_t wanted = to_ints(context.input(1))[0];
    context.check(wanted >= 0 && wanted <= x.dim(axis), "expected K between 0 and {}, got {}", x.dim(axis),
                  wanted);
    const auto k = static_cast<std::size_t>(wanted);
    Shape shape = x.shape();
    shape[axis] = wanted;
    const Lines lines(x.shape(), axis);
    const T* from = x.values<T>().data();
    T* values = context.has_output(0)
                    ? context.output(0, x.dtype(), shape).template values_mutable<T>().data()
                    : nullptr;
    std::int64_t* indices =
        context.has_output(1)
            ? context.output(1, DType::I64, shape).template values_mutable<std::int64_t>().data()
            : nullptr;
    if (k == 0) return;
    context.pool().parallel_for(lines.count(), lines.grain(), [&](std::size_t begin, std::size_t end) {
      std::vector<std::size_t> order(lines.length);
      for (std::size_t i = begin; i < end; ++i) {
        sort_first(from + lines.start(i, lines.length), lines.inner, k, order);
        for (std::size_t j = 0; j < k; ++j) {
          const std::size_t to = lines.start(i, k) + j * lines.inner;
          if (values) values[to] = from[lines.start(i, lines.length) + order[j] * lines.inner];
          if (indices) indices[to] = static_cast<std::int64_t>(order[j]);
        }
      }
    });
  }

 private:
  // The k best of a line, in order, at the front of `order`.
  void sort_first(const T* line, std::size_t step, std::size_t k, std::vector<std::size_t>& order) const {
    std::iota(order.begin(), order.end(), 0);
    const auto is_before = [&](std::size_t a, std::size_t b) {
      const T x = line[a * step];
      const T y = line[b * step];
      // NaN counts as larger than every number.
      const bool above = better(x, y, std::greater<T>());
      const bool below = better(y, x, std::greater<T>());
      return above == below ? a < b : (largest_ ? above : below);
    };
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(k);
    if (k < order.size()) std::nth_element(order.begin(), end, order.end(), is_before);
    std::sort(order.begin(), end, is_before);
  }

  std::int64_t axis_;
  bool largest_;
};

std::unique_ptr<Kernel> make_top_k(const NodeView& node) {
  switch (node.dtype(0)) {
    case DType::F32:
      return std::make_unique<TopKKernel<float>>(node);
    case DType::I32:
      return std::make_unique<TopKKernel<std::int32_t>>(node);
    case DType::I64:
      return std::make_unique<TopKKernel<std::int64_t>>(node);
    default:
      return nullptr;
  }
}

// Floats are summed in double, integers wrap.
template <typename T>
class CumSumKernel : public Kernel {
 public:
  explicit CumSumKernel(const NodeView& node)
      : exclusive_(node.integer("exclusive") != 0), reverse_(node.integer("reverse") != 0) {}

  void run(KernelContext& context) const override {
    using Sum = std::conditional_t<std::is_same_v<T, float>, double, std::uint64_t>;
    const Tensor& x = context.input(0);
    context.check(context.input(1).element_count() == 1, "expected one axis, got {}",
                  shown(context.input(1)));
    const Lines lines(x.shape(), axis_of(context, to_ints(context.input(1))[0]));
    const T* from = x.values<T>().data();
    T* to = context.output(0, x.dtype(), x.shape()).template values_mutable<T>().data();
    context.pool().parallel_for(lines.count(), lines.grain(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        Sum total = 0;
        for (std::size_t k = 0; k < lines.length; ++k) {
          const std::size_t at =
              lines.start(i, lines.length) + (reverse_ ? lines.length - 1 - k : k) * lines.inner;
          const Sum before = total;
          total += static_cast<Sum>(from[at]);
          to[at] = static_cast<T>(exclusive_ ? before : total);
        }
      }
    });
  }

 private:
  bool exclusive_;
  bool reverse_;
};

std::unique_ptr<Kernel> make_cum_sum(const NodeView& node) {
  switch (node.dtype(0)) {
    case DType::F32:
      return std::make_unique<CumSumKernel<float>>(node);
    case DType::I32:
      return std::make_unique<CumSumKernel<std::int32_t>>(node);
    case DType::I64:
      return std::make_unique<CumSumKernel<std::int64_t>>(node);
    default:
      return nullptr;
  }
}

}  // namespace

std::vector<KernelDef> line_search_kernels() {
  return {
      {"", "ArgMax", make_arg_extremum<std::greater>},
      {"", "ArgMin", make_arg_extremum<std::less>},
      {"", "CumSum", make_cum_sum, Sharing::InPlace},
      {"", "TopK", make_top_k},
  };
}

}  // namespace atlas::cpu

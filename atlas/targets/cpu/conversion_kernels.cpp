// Casts between the plain number types, and choices by a condition.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

constexpr std::size_t kGrain = 1 << 14;

using CastLoop = void (*)(const void* from, void* to, std::size_t begin, std::size_t end);

template <typename T>
constexpr bool kIsHalf = std::is_same_v<T, F16> || std::is_same_v<T, BF16>;

// Towards integers a real is cut off, kept within 64 bits, and wraps in fewer; NaN gives 0.
std::int64_t whole(double value) {
  if (!(value > -0x1p63)) return std::isnan(value) ? 0 : std::numeric_limits<std::int64_t>::min();
  return value < 0x1p63 ? static_cast<std::int64_t>(value) : std::numeric_limits<std::int64_t>::max();
}

template <typename To, typename From>
To converted(From value) {
  if constexpr (kIsHalf<From>) {
    return converted<To>(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From{};
  } else if constexpr (kIsHalf<To>) {
    return To(static_cast<double>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return static_cast<To>(whole(value));
  } else {
    return static_cast<To>(value);
  }
}

template <typename From, typename To>
void cast_range(const void* from, void* to, std::size_t begin, std::size_t end) {
  const From* x = static_cast<const From*>(from);
  To* y = static_cast<To*>(to);
  for (std::size_t i = begin; i < end; ++i) y[i] = converted<To>(x[i]);
}

template <typename From>
CastLoop loop_to(DType to) {
  switch (to) {
    case DType::Bool:
      return cast_range<From, bool>;
    case DType::U8:
      return cast_range<From, std::uint8_t>;
    case DType::I8:
      return cast_range<From, std::int8_t>;
    case DType::I32:
      return cast_range<From, std::int32_t>;
    case DType::I64:
      return cast_range<From, std::int64_t>;
    case DType::F16:
      return cast_range<From, F16>;
    case DType::BF16:
      return cast_range<From, BF16>;
    case DType::F32:
      return cast_range<From, float>;
    case DType::F64:
      return cast_range<From, double>;
    default:
      return nullptr;
  }
}

CastLoop cast_loop(DType from, DType to) {
  switch (from) {
    case DType::Bool:
      return loop_to<bool>(to);
    case DType::U8:
      return loop_to<std::uint8_t>(to);
    case DType::I8:
      return loop_to<std::int8_t>(to);
    case DType::I32:
      return loop_to<std::int32_t>(to);
    case DType::I64:
      return loop_to<std::int64_t>(to);
    case DType::F16:
      return loop_to<F16>(to);
    case DType::BF16:
      return loop_to<BF16>(to);
    case DType::F32:
      return loop_to<float>(to);
    case DType::F64:
      return loop_to<double>(to);
    default:
      return nullptr;
  }
}

class CastKernel : public Kernel {
 public:
  CastKernel(DType to, CastLoop loop) : to_(to), loop_(loop) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    Tensor& y = context.output(0, to_, x.shape());
    const void* from = x.raw();
    void* to = y.raw_mutable();
    context.pool().parallel_for(x.element_count(), kGrain,
                                [&](std::size_t begin, std::size_t end) { loop_(from, to, begin, end); });
  }

 private:
  DType to_;
  CastLoop loop_;
};

std::unique_ptr<Kernel> make_cast(const NodeView& node) {
  const DType to = node.output(0).dtype;
  const CastLoop loop = cast_loop(node.dtype(0), to);
  return loop ? std::make_unique<CastKernel>(to, loop) : nullptr;
}

class WhereKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& condition = context.input(0);
    const Tensor& x = context.input(1);
    const Tensor& y = context.input(2);
    const Shape shape = broadcast(broadcast(condition.shape(), x.shape()), y.shape());
    Tensor& out = context.output(0, x.dtype(), shape);
    switch (bits(x.dtype())) {
      case 8:
        return choose<std::uint8_t>(condition, x, y, out, context.pool());
      case 16:
        return choose<std::uint16_t>(condition, x, y, out, context.pool());
      case 32:
        return choose<std::uint32_t>(condition, x, y, out, context.pool());
      default:
        return choose<std::uint64_t>(condition, x, y, out, context.pool());
    }
  }

 private:
  template <typename T>
  static void choose(const Tensor& condition, const Tensor& x, const Tensor& y, Tensor& out,
                     ThreadPool& pool) {
    const Shape& shape = out.shape();
    if (out.element_count() == 0) return;
    const std::vector<std::int64_t> c_steps = broadcast_strides(condition.shape(), shape);
    const std::vector<std::int64_t> x_steps = broadcast_strides(x.shape(), shape);
    const std::vector<std::int64_t> y_steps = broadcast_strides(y.shape(), shape);
    const auto columns = static_cast<std::size_t>(shape.empty() ? 1 : shape.back());
    const bool* cs = condition.values<bool>().data();
    const T* xs = static_cast<const T*>(x.raw());
    const T* ys = static_cast<const T*>(y.raw());
    T* to = static_cast<T*>(out.raw_mutable());
    const std::int64_t c_step = shape.empty() ? 0 : c_steps.back();
    const std::int64_t x_step = shape.empty() ? 0 : x_steps.back();
    const std::int64_t y_step = shape.empty() ? 0 : y_steps.back();
    pool.parallel_for(out.element_count() / columns, std::max<std::size_t>(1, kGrain / columns),
                      [&](std::size_t begin, std::size_t end) {
                        for (std::size_t row = begin; row < end; ++row) {
                          std::int64_t c_at = 0;
                          std::int64_t x_at = 0;
                          std::int64_t y_at = 0;
                          std::size_t rest = row;
                          for (std::size_t a = shape.size() < 2 ? 0 : shape.size() - 1; a-- > 0;) {
                            const auto at =
                                static_cast<std::int64_t>(rest % static_cast<std::size_t>(shape[a]));
                            rest /= static_cast<std::size_t>(shape[a]);
                            c_at += at * c_steps[a];
                            x_at += at * x_steps[a];
                            y_at += at * y_steps[a];
                          }
                          for (std::size_t i = 0; i < columns; ++i) {
                            const auto step = static_cast<std::int64_t>(i);
                            to[row * columns + i] = cs[c_at + step * c_step] ? xs[x_at + step * x_step]
                                                                             : ys[y_at + step * y_step];
                          }
                        }
                      });
  }
};

std::unique_ptr<Kernel> make_where(const NodeView& node) {
  const int width = bits(node.dtype(1));
  return width >= 8 && width <= 64 ? std::make_unique<WhereKernel>() : nullptr;
}

}  // namespace

std::vector<KernelDef> conversion_kernels() {
  return {
      {"", "Cast", make_cast},
      {"", "CastLike", make_cast},
      {"", "Where", make_where},
  };
}

}  // namespace atlas::cpu

// Functions of two numbers beside the vectorised ones in f32: integers, comparisons, truth values, powers.
#include <algorithm>
#include <cmath>
#include <functional>
#include <type_traits>

#include "atlas/targets/cpu/broadcast_loop.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

// Integers wrap as their unsigned kin do.
template <typename T>
using Wrapping = std::make_unsigned_t<T>;

struct Add {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
};
struct Sub {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
};
struct Mul {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
};
struct Smaller {
  template <typename T>
  T operator()(T a, T b) const {
    return std::min(a, b);
  }
};
struct Larger {
  template <typename T>
  T operator()(T a, T b) const {
    return std::max(a, b);
  }
};
// Towards zero; the one quotient that overflows wraps.
struct Quotient {
  template <typename T>
  T operator()(T a, T b) const {
    return b == T(-1) ? Sub()(T(0), a) : static_cast<T>(a / b);
  }
};
// With the sign of the divisor.
struct Modulo {
  template <typename T>
  T operator()(T a, T b) const {
    const T rest = b == T(-1) ? T(0) : static_cast<T>(a % b);
    return rest == 0 || (rest < 0) == (b < 0) ? rest : static_cast<T>(rest + b);
  }
};
// With the sign of the dividend.
struct Remainder {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      return b == T(-1) ? T(0) : static_cast<T>(a % b);
    }
  }
};
struct Power {
  float operator()(float a, float b) const { return std::pow(a, b); }
};
struct Slope {
  float operator()(float x, float slope) const { return x < 0 ? slope * x : x; }
};

template <typename In, typename Out, typename Function>
class PairKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    const Tensor& b = context.input(1);
    const Shape shape = broadcast(a.shape(), b.shape());
    constexpr bool kDivides = std::is_same_v<Function, Quotient> || std::is_same_v<Function, Modulo> ||
                              std::is_same_v<Function, Remainder>;
    if constexpr (kDivides && std::is_integral_v<In>)
      context.check(
          element_count(shape) == 0 || std::ranges::find(b.values<In>(), In{}) == b.values<In>().end(),
          "integer division by zero");
    combine<In, Out>(a, b, context.output(0, dtype_of<Out>, shape), context.pool(), Function());
  }
};

bool is_pair_of(const NodeView& node, DType dtype) {
  return node.input_count() == 2 && node.dtype(0) == dtype && node.dtype(1) == dtype;
}

template <typename Function, typename T>
std::unique_ptr<Kernel> make_pair(const NodeView& node) {
  return is_pair_of(node, dtype_of<T>) ? std::make_unique<PairKernel<T, T, Function>>() : nullptr;
}

template <typename Function>
std::unique_ptr<Kernel> make_of_integers(const NodeView& node) {
  if (auto kernel = make_pair<Function, std::int64_t>(node)) return kernel;
  return make_pair<Function, std::int32_t>(node);
}

std::unique_ptr<Kernel> make_mod(const NodeView& node) {
  if (node.integer("fmod") == 0) return make_of_integers<Modulo>(node);
  if (auto kernel = make_pair<Remainder, float>(node)) return kernel;
  return make_of_integers<Remainder>(node);
}

template <typename Function, typename T>
std::unique_ptr<Kernel> make_comparison_of(const NodeView& node) {
  return is_pair_of(node, dtype_of<T>) ? std::make_unique<PairKernel<T, bool, Function>>() : nullptr;
}

template <typename Function>
std::unique_ptr<Kernel> make_comparison(const NodeView& node) {
  if (auto kernel = make_comparison_of<Function, float>(node)) return kernel;
  if (auto kernel = make_comparison_of<Function, std::int64_t>(node)) return kernel;
  if (auto kernel = make_comparison_of<Function, std::int32_t>(node)) return kernel;
  if (auto kernel = make_comparison_of<Function, std::uint8_t>(node)) return kernel;
  return make_comparison_of<Function, bool>(node);
}

}  // namespace

std::vector<KernelDef> pair_kernels() {
  constexpr Sharing kInPlace = Sharing::InPlace;
  return {
      {"", "Add", make_of_integers<Add>, kInPlace},
      {"", "And", make_pair<std::logical_and<>, bool>, kInPlace},
      {"", "Div", make_of_integers<Quotient>, kInPlace},
      {"", "Equal", make_comparison<std::equal_to<>>},
      {"", "Greater", make_comparison<std::greater<>>},
      {"", "GreaterOrEqual", make_comparison<std::greater_equal<>>},
      {"", "Less", make_comparison<std::less<>>},
      {"", "LessOrEqual", make_comparison<std::less_equal<>>},
      {"", "Max", make_of_integers<Larger>, kInPlace},
      {"", "Min", make_of_integers<Smaller>, kInPlace},
      {"", "Mod", make_mod, kInPlace},
      {"", "Mul", make_of_integers<Mul>, kInPlace},
      {"", "Or", make_pair<std::logical_or<>, bool>, kInPlace},
      {"", "PRelu", make_pair<Slope, float>, kInPlace},
      {"", "Pow", make_pair<Power, float>, kInPlace},
      {"", "Sub", make_of_integers<Sub>, kInPlace},
      {"", "Xor", make_pair<std::not_equal_to<>, bool>, kInPlace},
  };
}

}  // namespace atlas::cpu

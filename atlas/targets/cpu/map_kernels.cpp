// Functions of one number in scalar loops: those rare enough not to be vectorised by hand, and of integers.
#include <cmath>
#include <type_traits>

#include "atlas/targets/cpu/broadcast_loop.h"
#include "atlas/targets/cpu/kernel_table.h"

namespace atlas::cpu {
namespace {

template <typename In, typename Out, typename Function>
class MapKernel : public Kernel {
 public:
  explicit MapKernel(Function function) : function_(function) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    map<In, Out>(x, context.output(0, dtype_of<Out>, x.shape()), context.pool(), function_);
  }

 private:
  Function function_;
};

template <typename In, typename Out = In, typename Function>
std::unique_ptr<Kernel> mapped(const NodeView& node, Function function) {
  if (node.dtype(0) != dtype_of<In>) return nullptr;
  return std::make_unique<MapKernel<In, Out, Function>>(function);
}

template <float (*function)(float)>
std::unique_ptr<Kernel> make_real(const NodeView& node) {
  return mapped<float>(node, [](float x) { return function(x); });
}

float softsign(float x) {
  return x / (1 + std::fabs(x));
}

std::unique_ptr<Kernel> make_celu(const NodeView& node) {
  return mapped<float>(node, [alpha = node.real("alpha", 1)](float x) {
    return x > 0 ? x : x < 0 ? alpha * std::expm1(x / alpha) : x;
  });
}
std::unique_ptr<Kernel> make_selu(const NodeView& node) {
  return mapped<float>(node, [alpha = node.real("alpha"), gamma = node.real("gamma")](float x) {
    return x < 0 ? gamma * alpha * std::expm1(x) : gamma * x;
  });
}
std::unique_ptr<Kernel> make_thresholded_relu(const NodeView& node) {
  return mapped<float>(node, [alpha = node.real("alpha", 1)](float x) { return x > alpha ? x : 0.0f; });
}

// The least integer is its own negative and absolute value.
template <typename T>
T negative(T x) {
  return static_cast<T>(std::make_unsigned_t<T>{0} - static_cast<std::make_unsigned_t<T>>(x));
}

template <typename T>
std::unique_ptr<Kernel> make_neg(const NodeView& node) {
  return mapped<T>(node, [](T x) { return negative(x); });
}
template <typename T>
std::unique_ptr<Kernel> make_abs(const NodeView& node) {
  return mapped<T>(node, [](T x) { return x < 0 ? negative(x) : x; });
}
template <typename T>
std::unique_ptr<Kernel> make_sign(const NodeView& node) {
  return mapped<T>(node, [](T x) { return static_cast<T>((x > 0) - (x < 0)); });
}

std::unique_ptr<Kernel> make_is_nan(const NodeView& node) {
  return mapped<float, bool>(node, [](float x) { return std::isnan(x); });
}
std::unique_ptr<Kernel> make_is_inf(const NodeView& node) {
  const bool positive = node.integer("detect_positive", 1) != 0;
  const bool negative = node.integer("detect_negative", 1) != 0;
  return mapped<float, bool>(
      node, [=](float x) { return std::isinf(x) && (std::signbit(x) ? negative : positive); });
}
std::unique_ptr<Kernel> make_not(const NodeView& node) {
  return mapped<bool>(node, [](bool x) { return !x; });
}

}  // namespace

std::vector<KernelDef> map_kernels() {
  constexpr Sharing kInPlace = Sharing::InPlace;
  return {
      {"", "Abs", make_abs<std::int64_t>, kInPlace},
      {"", "Abs", make_abs<std::int32_t>, kInPlace},
      {"", "Acos", make_real<std::acos>, kInPlace},
      {"", "Acosh", make_real<std::acosh>, kInPlace},
      {"", "Asin", make_real<std::asin>, kInPlace},
      {"", "Asinh", make_real<std::asinh>, kInPlace},
      {"", "Atan", make_real<std::atan>, kInPlace},
      {"", "Atanh", make_real<std::atanh>, kInPlace},
      {"", "Celu", make_celu, kInPlace},
      {"", "Cos", make_real<std::cos>, kInPlace},
      {"", "Cosh", make_real<std::cosh>, kInPlace},
      {"", "IsInf", make_is_inf},
      {"", "IsNaN", make_is_nan},
      {"", "Neg", make_neg<std::int64_t>, kInPlace},
      {"", "Neg", make_neg<std::int32_t>, kInPlace},
      {"", "Not", make_not, kInPlace},
      {"", "Selu", make_selu, kInPlace},
      {"", "Sign", make_sign<std::int64_t>, kInPlace},
      {"", "Sign", make_sign<std::int32_t>, kInPlace},
      {"", "Sin", make_real<std::sin>, kInPlace},
      {"", "Sinh", make_real<std::sinh>, kInPlace},
      {"", "Softsign", make_real<softsign>, kInPlace},
      {"", "Tan", make_real<std::tan>, kInPlace},
      {"", "ThresholdedRelu", make_thresholded_relu, kInPlace},
  };
}

}  // namespace atlas::cpu

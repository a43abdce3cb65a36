// The activation functions on vectors.
#if defined(ATLAS_CPU_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_ACTIVATION_INL_H_
#undef ATLAS_CPU_ACTIVATION_INL_H_
#else
#define ATLAS_CPU_ACTIVATION_INL_H_
#endif

#include <hwy/highway.h>

#include "atlas/targets/cpu/kernels/activation.h"
#include "atlas/targets/cpu/kernels/vmath-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <ActivationKind kKind, class D>
HWY_INLINE hn::Vec<D> activate(D d, hn::Vec<D> x, float a, float b) {
  const auto zero = hn::Zero(d);
  const auto one = hn::Set(d, 1.0f);
  const auto half = hn::Set(d, 0.5f);
  using enum ActivationKind;
  // Bounds are the first operands of Min and Max: so a NaN in x comes out as NaN.
  if constexpr (kKind == None) return x;
  if constexpr (kKind == Relu) return max_keeping_nan(zero, x);
  if constexpr (kKind == Clip) return min_keeping_nan(hn::Set(d, b), max_keeping_nan(hn::Set(d, a), x));
  if constexpr (kKind == LeakyRelu) return hn::IfThenElse(hn::Lt(x, zero), hn::Mul(x, hn::Set(d, a)), x);
  if constexpr (kKind == Elu) {
    const auto below = hn::Mul(hn::Set(d, a), hn::Sub(vexp(d, x), one));
    return hn::IfThenElse(hn::Lt(x, zero), below, x);
  }
  if constexpr (kKind == Sigmoid) return vsigmoid(d, x);
  if constexpr (kKind == HardSigmoid)
    return max_keeping_nan(zero, min_keeping_nan(one, hn::MulAdd(x, hn::Set(d, a), hn::Set(d, b))));
  if constexpr (kKind == Tanh) return vtanh(d, x);
  if constexpr (kKind == Silu) return hn::Mul(x, vsigmoid(d, x));
  if constexpr (kKind == SiluNear) return hn::Mul(x, vsigmoid_near(d, x));
  if constexpr (kKind == HardSwish)
    return hn::Mul(x, max_keeping_nan(zero, min_keeping_nan(one, hn::MulAdd(x, hn::Set(d, 1.0f / 6), half))));
  if constexpr (kKind == Softplus) return vsoftplus(d, x);
  if constexpr (kKind == Mish) return hn::Mul(x, vtanh(d, vsoftplus(d, x)));
  if constexpr (kKind == Gelu) {
    const auto inner = verf(d, hn::Mul(x, hn::Set(d, 0.707106781f)));
    return hn::Mul(hn::Mul(half, x), hn::Add(one, inner));
  }
  if constexpr (kKind == GeluTanh) {  // sqrt(2 / pi) (x + 0.044715 x^3)
    const auto cubic = hn::MulAdd(hn::Mul(x, x), hn::Set(d, 0.0356774081f), hn::Set(d, 0.797884561f));
    return hn::Mul(x, vsigmoid(d, hn::Mul(hn::Add(x, x), cubic)));  // (1 + tanh z) / 2 is 1 / (1 + e^-2z)
  }
}

/// Calls `body(kind)` with the kind as a compile-time constant (`kind.value`), so that a loop inside it is
/// compiled for each activation and chosen once.
template <class Body>
HWY_INLINE void with_activation(ActivationKind kind, Body&& body) {
  using enum ActivationKind;
  switch (kind) {
#define ATLAS_CASE(k) \
  case k:             \
    return body(std::integral_constant<ActivationKind, k>())
    ATLAS_CASE(None);
    ATLAS_CASE(Relu);
    ATLAS_CASE(Clip);
    ATLAS_CASE(LeakyRelu);
    ATLAS_CASE(Elu);
    ATLAS_CASE(Sigmoid);
    ATLAS_CASE(HardSigmoid);
    ATLAS_CASE(Tanh);
    ATLAS_CASE(Silu);
    ATLAS_CASE(SiluNear);
    ATLAS_CASE(HardSwish);
    ATLAS_CASE(Softplus);
    ATLAS_CASE(Mish);
    ATLAS_CASE(Gelu);
    ATLAS_CASE(GeluTanh);
#undef ATLAS_CASE
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();
#endif

// Row by row, each activation compiled into a loop of its own.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/epilogue.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "atlas/targets/cpu/kernels/activation-inl.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

template <ActivationKind kKind>
void apply_rows(const Epilogue& e, const float* from, size_t from_stride, float* c, size_t stride,
                size_t rows, size_t columns) noexcept {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const float a = e.activation.a, b = e.activation.b;
  const bool scaled = e.is_scaled();
  const auto factor = hn::Set(d, e.factor), addend = hn::Set(d, e.addend);
  const auto finish = [&](auto x) HWY_ATTR {
    const auto y = activate<kKind>(d, x, a, b);
    return scaled ? hn::MulAdd(y, factor, addend) : y;
  };
  for (size_t row = 0; row < rows; ++row, from += from_stride, c += stride) {
    const auto row_bias = hn::Set(d, e.row_bias ? e.row_bias[row] : 0.0f);
    const float* residual = e.residual ? e.residual + row * e.residual_stride : nullptr;
    size_t j = 0;
    for (; j + lanes <= columns; j += lanes) {
      auto x = hn::Add(hn::LoadU(d, from + j), row_bias);
      if (e.column_bias) x = hn::Add(x, hn::LoadU(d, e.column_bias + j));
      if (residual) x = hn::Add(x, hn::LoadU(d, residual + j));
      hn::StoreU(finish(x), d, c + j);
    }
    if (const size_t rest = columns - j) {
      auto x = hn::Add(load_partial(d, from + j, rest), row_bias);
      if (e.column_bias) x = hn::Add(x, load_partial(d, e.column_bias + j, rest));
      if (residual) x = hn::Add(x, load_partial(d, residual + j, rest));
      store_partial(finish(x), d, c + j, rest);
    }
  }
}

void apply_epilogue(const Epilogue& e, const float* from, size_t from_stride, float* c, size_t stride,
                    size_t rows, size_t columns) {
  with_activation(e.activation.kind,
                  [&](auto kind) { apply_rows<kind.value>(e, from, from_stride, c, stride, rows, columns); });
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(apply_epilogue);

void apply(const Epilogue& epilogue, float* c, size_t stride, size_t rows, size_t columns) noexcept {
  if (!epilogue.empty()) apply(epilogue, c, stride, c, stride, rows, columns);
}

void apply(const Epilogue& epilogue, const float* from, size_t from_stride, float* c, size_t stride,
           size_t rows, size_t columns) noexcept {
  ATLAS_DISPATCH(apply_epilogue)(epilogue, from, from_stride, c, stride, rows, columns);
}

}  // namespace atlas::cpu
#endif

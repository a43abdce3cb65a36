// Elements as gemm() reads them: exactly the products that the model asks for.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/nbits_widen.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/nbits_layout.h"
#include "atlas/targets/cpu/kernels/nbits_zeros-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
constexpr size_t lanes = hn::MaxLanes(D());

/// Steps [first, end) of a vector of columns from `column` on, both ends multiples of 16, every `width`
/// floats.
template <size_t kBits>
void widen_columns(const NbitsLayout& layout, NbitsZeros zeros, const std::byte* strip, size_t column,
                   size_t first, size_t end, size_t width, float* to) {
  constexpr size_t fields = 32 / kBits;
  const D d;
  const hn::RebindToSigned<D> di;
  const hn::RebindToUnsigned<D> du;
  const auto mask = hn::Set(du, (1u << kBits) - 1);
  for (size_t step = first; step < end;) {
    const size_t b = step / layout.block, inside = step - b * layout.block;
    const size_t block_end = std::min(end, (b + 1) * layout.block);
    const std::byte* from = strip + layout.block_offset(b);
    const auto scale = hn::LoadU(d, reinterpret_cast<const float*>(from) + column);
    const auto zero = zeros_of(d, layout, zeros, strip, b, column);
    const uint32_t* words = reinterpret_cast<const uint32_t*>(from + layout.scale_bytes) + column;
    words += inside / fields * nbits_columns;
    for (; step < block_end; step += fields, words += nbits_columns, to += fields * width) {
      const auto word = hn::LoadU(du, words);
      const auto store = [&](auto shift, auto code) HWY_ATTR {
        constexpr size_t s = shift % 8 / kBits * 4 + shift / 8;
        const auto value = hn::ConvertTo(d, hn::BitCast(di, code));
        hn::StoreU(hn::Mul(hn::Sub(value, zero), scale), d, to + s * width);
      };
      const auto each = [&]<size_t... kFields>(std::index_sequence<kFields...>) HWY_ATTR {
        (store(std::integral_constant<int, kFields * kBits>(),
               hn::And(hn::ShiftRight<kFields * kBits>(word), mask)),
         ...);
      };
      each(std::make_index_sequence<fields>());
    }
  }
}

void widen(const NbitsShape& shape, const std::byte* data, size_t column, size_t columns, size_t first,
           size_t steps, size_t width, float* to) {
  const NbitsLayout layout(shape);
  const auto columns_of = shape.bits == 2   ? widen_columns<2>
                          : shape.bits == 4 ? widen_columns<4>
                                            : widen_columns<8>;
  const size_t end = std::min(layout.steps, first + ceil_div(steps, size_t{16}) * 16);
  for (size_t lane = 0; lane < columns; lane += lanes, to += lanes, column += lanes)
    columns_of(layout, shape.zeros, data + column / nbits_columns * layout.strip_bytes(),
               column % nbits_columns, first, end, width, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(widen);

void PackedNbits::write(size_t column, size_t columns, size_t first, size_t steps, size_t width,
                        float* to) const noexcept {
  ATLAS_DISPATCH(widen)(shape_, data(), column, columns, first, steps, width, to);
}

}  // namespace atlas::cpu
#endif

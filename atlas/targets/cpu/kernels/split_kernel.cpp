#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/split_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "atlas/targets/cpu/kernels/amx_bf16.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/partial-inl.h"
#include "atlas/targets/cpu/kernels/split_kernel.h"
#include "atlas/targets/cpu/kernels/switch.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using D32 = hn::RebindToUnsigned<D>;
using D16 = hn::Repartition<Bf16, D>;
using V = hn::Vec<D>;
using V32 = hn::Vec<D32>;
constexpr size_t lanes = hn::MaxLanes(D());

/// In the upper halves; the lower ones are zeros.
struct Parts {
  V32 part[split_parts];
};

HWY_INLINE V32 upper_half(V32 bits) {
  return hn::And(bits, hn::Set(D32(), 0xffff0000u));
}

HWY_INLINE V32 nearest(V x) {
  return upper_half(hn::Add(hn::BitCast(D32(), x), hn::Set(D32(), 0x8000u)));
}

HWY_INLINE Parts with_first(V32 first, V rest) {
  const V32 second = nearest(rest);
  return {{first, second, hn::BitCast(D32(), hn::Sub(rest, hn::BitCast(D(), second)))}};
}

/// What is not finite has no other parts; large floats are not rounded up to infinity.
HWY_NOINLINE Parts split_special(V x) {
  const D d;
  const D32 d32;
  const V32 bits = hn::BitCast(d32, x), rounded = nearest(x);
  const auto quiet = hn::IfThenElseZero(hn::RebindMask(d32, hn::IsNaN(x)), hn::Set(d32, 0x400000u));
  const auto fits = hn::RebindMask(d32, hn::IsFinite(hn::BitCast(d, rounded)));
  const V32 first = hn::IfThenElse(fits, rounded, hn::Or(upper_half(bits), quiet));
  return with_first(first, hn::IfThenElseZero(hn::IsFinite(x), hn::Sub(x, hn::BitCast(d, first))));
}

HWY_INLINE Parts split(V x) {
  const D d;
  const V32 first = nearest(x);
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::IsFinite(hn::BitCast(d, first))))) return split_special(x);
  return with_first(first, hn::Sub(x, hn::BitCast(d, first)));
}

/// Of two vectors that lie side by side.
HWY_INLINE void store_parts(V low, V high, Bf16* to) {
  const D16 d;
  const Parts a = split(low), b = split(high);
#pragma GCC unroll 3
  for (size_t i = 0; i < split_parts; ++i)
    hn::StoreU(hn::ConcatOdd(d, hn::BitCast(d, b.part[i]), hn::BitCast(d, a.part[i])), d,
               to + i * bf16_chunk);
}

/// The first `count` floats, zeros behind them.
HWY_INLINE V load_first(const float* from, size_t count) {
  const D d;
  if (count >= lanes) return hn::LoadU(d, from);
  return count == 0 ? hn::Zero(d) : load_partial(d, from, count);
}

void split_rows(const float* rows, size_t stride, size_t count, size_t k, Bf16* to) noexcept {
  for (size_t first = 0; first < k; first += bf16_chunk) {
    const size_t steps = std::min(bf16_chunk, k - first);
    for (size_t r = 0; r < count; ++r, to += split_parts * bf16_chunk) {
      const float* from = rows + r * stride + first;
      for (size_t i = 0; i < bf16_chunk; i += 2 * lanes)
        store_parts(load_first(from + i, steps > i ? steps - i : 0),
                    load_first(from + i + lanes, steps > i + lanes ? steps - i - lanes : 0), to + i);
    }
  }
}

/// One vector of columns of a pair of steps.
HWY_INLINE void store_pair(const Parts& even, const Parts& odd, Bf16* to) {
#pragma GCC unroll 3
  for (size_t i = 0; i < split_parts; ++i)
    hn::StoreU(hn::Or(hn::ShiftRight<16>(even.part[i]), odd.part[i]), D32(),
               reinterpret_cast<uint32_t*>(to + i * bf16_panel_step));
}

/// A whole chunk of a whole panel; false where it holds what split_special is for.
HWY_INLINE bool pack_finite(const float* from, Bf16* to) {
  const D d;
  const D32 d32;
  V32 most = hn::Zero(d32);
  const auto parts = [&](const float* at) HWY_ATTR {
    const V x = hn::LoadU(d, at);
    const V32 first = nearest(x);
    most = hn::Max(most, hn::Add(first, first));  // without its sign
    return with_first(first, hn::Sub(x, hn::BitCast(d, first)));
  };
  for (size_t step = 0; step < bf16_chunk; step += 2, from += 2 * bf16_columns, to += 2 * bf16_columns)
#pragma GCC unroll 8
    for (size_t j = 0; j < bf16_columns; j += lanes) {
      const Parts even = parts(from + j), odd = parts(from + bf16_columns + j);
      store_pair(even, odd, to + 2 * j);
    }
  return hn::AllTrue(d32, hn::Lt(most, hn::Set(d32, 0xff000000u)));
}

void pack_panel_parts(const float* from, size_t k, Bf16* to, size_t width) {
  const D d;
  for (size_t first = 0; first < k; first += bf16_chunk, to += split_parts * bf16_panel_step) {
    if (width == bf16_columns && first + bf16_chunk <= k && pack_finite(from + first * width, to)) continue;
    for (size_t step = first; step < first + bf16_chunk; step += 2)
      for (size_t j = 0; j < bf16_columns; j += lanes) {
        const auto load = [&](size_t at) HWY_ATTR {
          return at < k && j < width ? hn::LoadU(d, from + at * width + j) : hn::Zero(d);
        };
        store_pair(split(load(step)), split(load(step + 1)), to + (step - first) * bf16_columns + 2 * j);
      }
  }
}

/// The floats of pairs of steps: of the first ones and of the second ones.
struct Pair {
  V even, odd;
};

HWY_INLINE V joined(V first, V second, V third) {
  return hn::Add(first, hn::Add(second, third));  // the first two alone may be too large
}

HWY_INLINE Pair join(V32 first, V32 second, V32 third) {
  const auto even = [](V32 x) HWY_ATTR { return hn::BitCast(D(), hn::ShiftLeft<16>(x)); };
  const auto odd = [](V32 x) HWY_ATTR { return hn::BitCast(D(), upper_half(x)); };
  return {joined(even(first), even(second), even(third)), joined(odd(first), odd(second), odd(third))};
}

/// A row of sums in f32.
void multiply_row(const Bf16Tile& t, size_t row, size_t columns) {
  const D d;
  const D32 d32;
  for (size_t column = 0; column < columns; column += lanes) {
    V sum = hn::Zero(d);
    const Bf16* b = t.b + 2 * column;
    for (size_t chunk = 0; chunk < t.chunks; ++chunk, b += split_parts * bf16_panel_step) {
      const Bf16* a = t.a + t.offsets[chunk] + row * t.row_stride;
      for (size_t step = 0; step < bf16_chunk; step += 2) {
        const auto left = [&](size_t part) HWY_ATTR {
          uint32_t bits;
          std::memcpy(&bits, a + part * bf16_chunk + step, sizeof bits);
          return hn::Set(d32, bits);
        };
        const auto right = [&](size_t part) HWY_ATTR {
          const Bf16* pair = b + part * bf16_panel_step + step * bf16_columns;
          return hn::LoadU(d32, reinterpret_cast<const uint32_t*>(pair));
        };
        const Pair x = join(left(0), left(1), left(2)), y = join(right(0), right(1), right(2));
        sum = hn::MulAdd(x.odd, y.odd, hn::MulAdd(x.even, y.even, sum));
      }
    }
    hn::StoreU(sum, d, t.sums + row * bf16_columns + column);
  }
}

void mend(const Bf16Tile& t, size_t rows, size_t columns) {
  const D32 d;
  for (size_t row = 0; row < rows; ++row) {
    const auto* sums = reinterpret_cast<const uint32_t*>(t.sums + row * bf16_columns);
    V32 most = hn::Zero(d);
    for (size_t column = 0; column < columns; column += lanes)
      most = hn::Max(most, hn::And(hn::LoadU(d, sums + column), hn::Set(d, 0x7fffffffu)));
    if (HWY_UNLIKELY(!hn::AllTrue(d, hn::Lt(most, hn::Set(d, 0x7f800000u))))) multiply_row(t, row, columns);
  }
}

template <size_t kRows>
void row_tile(const Bf16Tile& t) {
  for (size_t row = 0; row < kRows; ++row) multiply_row(t, row, bf16_columns);
}

template <size_t... kIndices>
Bf16Kernel make_split_kernel(std::index_sequence<kIndices...>) {
  Bf16Kernel kernel = plain_bf16_kernel();
  kernel.parts = split_parts;
  kernel.rows = sizeof...(kIndices);
  ((kernel.tile[kIndices][0] = kernel.tile[kIndices][1] = row_tile<kIndices + 1>), ...);
  kernel.fill = split_rows;
  kernel.fill_blocks = nullptr;
  kernel.copy_blocks = nullptr;
  return kernel;
}

/// With tiles in f32.
const Bf16Kernel& get_split_kernel() {
  static const Bf16Kernel kernel = make_split_kernel(std::make_index_sequence<4>());
  return kernel;
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(get_split_kernel);
HWY_EXPORT(pack_panel_parts);
HWY_EXPORT(mend);

bool splits_products() {
  static const bool off = is_switched_off("splits");
  return active_isa() == Isa::Amx && !off;
}

const Bf16Kernel& split_kernel() {
#if defined(__x86_64__)
  if (active_isa() == Isa::Amx) {
    static const Bf16Kernel kernel = amx_split_kernel(ATLAS_DISPATCH(get_split_kernel)());
    return kernel;
  }
#endif
  return ATLAS_DISPATCH(get_split_kernel)();
}

void pack_split_panel(const float* from, size_t k, Bf16* to, size_t width) {
  ATLAS_DISPATCH(pack_panel_parts)(from, k, to, width);
}

void mend_sums(const Bf16Tile& tile, size_t rows, size_t columns) {
  ATLAS_DISPATCH(mend)(tile, rows, columns);
}

}  // namespace atlas::cpu
#endif

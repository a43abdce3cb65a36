// The new scale and type of a tile, whole vectors at a time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/igemm_output.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/igemm_output.h"
#include "atlas/targets/cpu/kernels/levels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<int32_t>;
using DF = hn::ScalableTag<float>;
constexpr size_t lanes = hn::MaxLanes(D32());

void subtract(int32_t* sums, size_t row_count, const int32_t* rows, const int32_t* columns) {
  const D32 d;
  for (size_t r = 0; r < row_count; ++r, sums += igemm_columns) {
    const auto row = hn::Set(d, rows[r]);
    for (size_t j = 0; j < igemm_columns; j += lanes)
      hn::StoreU(hn::Sub(hn::LoadU(d, sums + j), hn::Mul(row, hn::LoadU(d, columns + j))), d, sums + j);
  }
}

struct Requantized {
  using T = uint8_t;
  HWY_INLINE void operator()(hn::Vec<D32> sums, const float* scale, const float*, T* to) const {
    hn::StoreU(round(hn::Mul(hn::ConvertTo(DF(), sums), hn::LoadU(DF(), scale))), LevelRounder::D8(), to);
  }
  LevelRounder round;
};

struct Reals {
  using T = float;
  HWY_INLINE void operator()(hn::Vec<D32> sums, const float* scale, const float* shift, T* to) const {
    auto real = hn::Mul(hn::ConvertTo(DF(), sums), hn::LoadU(DF(), scale));
    if (shift) real = hn::Add(real, hn::LoadU(DF(), shift));
    hn::StoreU(real, DF(), to);
  }
};

struct Sums {
  using T = int32_t;
  HWY_INLINE void operator()(hn::Vec<D32> sums, const float*, const float*, T* to) const {
    hn::StoreU(sums, D32(), to);
  }
};

template <typename Store>
void store_as(Store store_vector, const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output,
              size_t row, size_t column) {
  using T = typename Store::T;
  const D32 d;
  T* to = static_cast<T*>(output.data) + row * output.stride + column;
  const float* scales = output.scales ? output.scales + column : nullptr;
  const float* shifts = output.shifts ? output.shifts + column : nullptr;
  if (columns == igemm_columns) {
    for (size_t r = 0; r < rows; ++r, sums += igemm_columns, to += output.stride)
#pragma GCC unroll 2
      for (size_t j = 0; j < igemm_columns; j += lanes)
        store_vector(hn::LoadU(d, sums + j), scales + j, shifts ? shifts + j : nullptr, to + j);
    return;
  }
  float whole_scales[igemm_columns] = {}, whole_shifts[igemm_columns] = {};
  if (scales) std::copy_n(scales, columns, whole_scales);
  if (shifts) std::copy_n(shifts, columns, whole_shifts);
  T whole[igemm_columns];
  for (size_t r = 0; r < rows; ++r, sums += igemm_columns, to += output.stride) {
    for (size_t j = 0; j < columns; j += lanes)
      store_vector(hn::LoadU(d, sums + j), whole_scales + j, shifts ? whole_shifts + j : nullptr, whole + j);
    std::memcpy(to, whole, columns * sizeof(T));
  }
}

void store_tile(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
                size_t column) {
  switch (output.kind) {
    case IgemmOutput::Kind::Sums:
      return store_as(Sums(), sums, rows, columns, output, row, column);
    case IgemmOutput::Kind::Levels:
      return store_as(Requantized{LevelRounder(output.levels)}, sums, rows, columns, output, row, column);
    case IgemmOutput::Kind::Reals:
      return store_as(Reals(), sums, rows, columns, output, row, column);
  }
}

int32_t sum(const uint8_t* bytes, size_t count, uint8_t flip) {
  const hn::ScalableTag<uint8_t> d8;
  const hn::ScalableTag<uint64_t> d64;
  const size_t step = hn::Lanes(d8);
  const auto flips = hn::Set(d8, flip);
  auto sums = hn::Zero(d64);
  size_t at = 0;
  for (; at + step <= count; at += step)
    sums = hn::Add(sums, hn::SumsOf8(hn::Xor(hn::LoadU(d8, bytes + at), flips)));
  auto total = static_cast<uint32_t>(hn::GetLane(hn::SumOfLanes(d64, sums)));
  for (; at < count; ++at) total += static_cast<uint8_t>(bytes[at] ^ flip);
  return static_cast<int32_t>(total);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(subtract);
HWY_EXPORT(store_tile);
HWY_EXPORT(sum);

void subtract_products(int32_t* sums, size_t row_count, const int32_t* rows, const int32_t* columns) {
  ATLAS_DISPATCH(subtract)(sums, row_count, rows, columns);
}

void store(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
           size_t column) {
  ATLAS_DISPATCH(store_tile)(sums, rows, columns, output, row, column);
}

int32_t sum_bytes(const uint8_t* bytes, size_t count, uint8_t flip) {
  return ATLAS_DISPATCH(sum)(bytes, count, flip);
}

}  // namespace atlas::cpu
#endif

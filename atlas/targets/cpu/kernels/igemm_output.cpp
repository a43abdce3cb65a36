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

/// Four vectors at a time: part of a row, or two.
void levels_of(const LevelRounder& round, const int32_t* sums, size_t rows, const float* scales, uint8_t* to,
               size_t stride) {
  const D32 d;
  const LevelRounder::Bytes bytes;
  const auto level = [&](const int32_t* from, size_t column) HWY_ATTR {
    return hn::Mul(hn::ConvertTo(DF(), hn::LoadU(d, from + column)), hn::LoadU(DF(), scales + column));
  };
  if constexpr (4 * lanes > igemm_columns) {
    const hn::Half<LevelRounder::Bytes> half;
    for (; rows >= 2; rows -= 2, sums += 2 * igemm_columns, to += 2 * stride) {
      const int32_t* below = sums + igemm_columns;
      const auto both = round(level(sums, 0), level(sums, lanes), level(below, 0), level(below, lanes));
      hn::StoreU(hn::LowerHalf(half, both), half, to);
      hn::StoreU(hn::UpperHalf(half, both), half, to + stride);
    }
    if (rows > 0)
      for (size_t j = 0; j < igemm_columns; j += lanes)
        hn::StoreU(round(level(sums, j)), LevelRounder::D8(), to + j);
  } else {
    for (size_t r = 0; r < rows; ++r, sums += igemm_columns, to += stride)
      for (size_t j = 0; j < igemm_columns; j += 4 * lanes)
        hn::StoreU(round(level(sums, j), level(sums, j + lanes), level(sums, j + 2 * lanes),
                         level(sums, j + 3 * lanes)),
                   bytes, to + j);
  }
}

/// Of the first half of the columns, where that is a vector: four rows at a time.
void half_levels_of(const LevelRounder& round, const int32_t* sums, size_t rows, const float* scales,
                    uint8_t* to, size_t stride) {
  const D32 d;
  const LevelRounder::D8 quarter;
  const auto scale = hn::LoadU(DF(), scales);
  const auto level = [&](size_t r) HWY_ATTR {
    return hn::Mul(hn::ConvertTo(DF(), hn::LoadU(d, sums + r * igemm_columns)), scale);
  };
  size_t r = 0;
  for (; r + 4 <= rows; r += 4, to += 4 * stride) {
    HWY_ALIGN uint8_t four[4 * lanes];
    hn::Store(round(level(r), level(r + 1), level(r + 2), level(r + 3)), LevelRounder::Bytes(), four);
    for (size_t i = 0; i < 4; ++i) hn::StoreU(hn::Load(quarter, four + i * lanes), quarter, to + i * stride);
  }
  for (; r < rows; ++r, to += stride) hn::StoreU(round(level(r)), quarter, to);
}

/// A few bytes, without a call.
HWY_INLINE void copy_bytes(const uint8_t* from, size_t count, uint8_t* to) {
  size_t i = 0;
  const auto parts = [&](auto part) {
    for (; i + sizeof part <= count; i += sizeof part) {
      std::memcpy(&part, from + i, sizeof part);
      std::memcpy(to + i, &part, sizeof part);
    }
  };
  parts(uint64_t{});
  parts(uint32_t{});
  parts(uint8_t{});
}

void store_levels(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
                  size_t column) {
  const LevelRounder round(output.levels);
  auto* to = static_cast<uint8_t*>(output.data) + row * output.stride + column;
  if constexpr (4 * lanes > igemm_columns)
    if (columns == lanes) return half_levels_of(round, sums, rows, output.scales + column, to, output.stride);
  if (columns == igemm_columns)
    return levels_of(round, sums, rows, output.scales + column, to, output.stride);
  float scales[igemm_columns] = {};
  std::copy_n(output.scales + column, columns, scales);
  uint8_t whole[IgemmKernel::max_rows * igemm_columns];
  levels_of(round, sums, rows, scales, whole, igemm_columns);
  for (size_t r = 0; r < rows; ++r) copy_bytes(whole + r * igemm_columns, columns, to + r * output.stride);
}

void store_sums(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
                size_t column) {
  auto* to = static_cast<int32_t*>(output.data) + row * output.stride + column;
  for (size_t r = 0; r < rows; ++r, sums += igemm_columns, to += output.stride)
    std::memcpy(to, sums, columns * sizeof(int32_t));
}

/// Sums of whole panels by their scales, and a bias for each column.
void scale_sums(const int32_t* sums, size_t rows, const float* row_scales, const float* scales,
                const float* bias, float* to, size_t stride) {
  const D32 d;
  const DF df;
  for (size_t r = 0; r < rows; ++r, sums += igemm_columns, to += stride) {
    const auto row_scale = hn::Set(df, row_scales ? row_scales[r] : 1.0f);
#pragma GCC unroll 2
    for (size_t j = 0; j < igemm_columns; j += lanes) {
      const auto scale = hn::Mul(row_scale, hn::LoadU(df, scales + j));
      auto real = hn::Mul(hn::ConvertTo(df, hn::LoadU(d, sums + j)), scale);
      if (bias) real = hn::Add(real, hn::LoadU(df, bias + j));
      hn::StoreU(real, df, to + j);
    }
  }
}

void store_reals(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
                 size_t column) {
  float* to = static_cast<float*>(output.data) + row * output.stride + column;
  const float* row_scales = output.row_scales ? output.row_scales + row : nullptr;
  const float* scales = output.scales + column;
  Epilogue rest = output.epilogue.at(row, column);
  const float* bias = rest.column_bias;
  rest.column_bias = nullptr;
  const bool whole = columns == igemm_columns;
  if (whole && rest.empty()) return scale_sums(sums, rows, row_scales, scales, bias, to, output.stride);
  float own_scales[igemm_columns] = {}, own_bias[igemm_columns] = {};
  if (!whole) {
    scales = std::copy_n(scales, columns, own_scales) - columns;
    if (bias) bias = std::copy_n(bias, columns, own_bias) - columns;
  }
  alignas(64) float reals[IgemmKernel::max_rows * igemm_columns];
  scale_sums(sums, rows, row_scales, scales, bias, reals, igemm_columns);
  if (rest.residual || rest.row_bias)
    return apply(rest, reals, igemm_columns, to, output.stride, rows, columns);
  // What looks at each number alone passes over all of them at once.
  apply(rest, reals, 0, 1, rows * igemm_columns);
  for (size_t r = 0; r < rows; ++r, to += output.stride)
    std::memcpy(to, reals + r * igemm_columns, columns * sizeof(float));
}

void store_tile(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
                size_t column) {
  switch (output.kind) {
    case IgemmOutput::Kind::Sums:
      return store_sums(sums, rows, columns, output, row, column);
    case IgemmOutput::Kind::Levels:
      return store_levels(sums, rows, columns, output, row, column);
    case IgemmOutput::Kind::Reals:
      return store_reals(sums, rows, columns, output, row, column);
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

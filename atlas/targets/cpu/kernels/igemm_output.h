// What becomes of the sums of an integer product before they leave the cache.
#pragma once

#include <cstddef>
#include <cstdint>

#include "atlas/targets/cpu/kernels/epilogue.h"
#include "atlas/targets/cpu/kernels/igemm_kernel.h"
#include "atlas/targets/cpu/kernels/levels.h"

namespace atlas::cpu {

/// A matrix that receives, for the sum s in row i and column j (bias added, where there is one):
/// Sums: int32, s; Levels: bytes, round(s * scales[j]) + zero point, ties to even, kept within their type;
/// Reals: float, epilogue(s * (row_scales[i] * scales[j])).
struct IgemmOutput {
  enum class Kind : uint8_t { Sums, Levels, Reals };

  Kind kind = Kind::Sums;
  void* data = nullptr;
  size_t stride = 0;                  // elements between rows
  const int32_t* bias = nullptr;      // of each column; null adds nothing
  const float* scales = nullptr;      // of each column; not for Sums
  LevelType levels;                   // for Levels
  const float* row_scales = nullptr;  // for Reals; null stands for ones
  Epilogue epilogue;                  // for Reals

  /// The part that begins at `column`.
  IgemmOutput at(size_t column) const {
    IgemmOutput part = *this;
    part.data = static_cast<std::byte*>(data) + column * (kind == Kind::Levels ? 1 : sizeof(int32_t));
    if (bias) part.bias += column;
    if (scales) part.scales += column;
    part.epilogue = epilogue.at(0, column);
    return part;
  }
};

/// sums[r * igemm_columns + j] -= rows[r] * columns[j], for all columns of a panel.
void subtract_products(int32_t* sums, size_t row_count, const int32_t* rows, const int32_t* columns);

/// Stores a tile of sums (igemm_columns apart) at (row, column) of the output, bias already added.
void store(const int32_t* sums, size_t rows, size_t columns, const IgemmOutput& output, size_t row,
           size_t column);

/// The sum of `count` bytes, each exclusive-ored with `flip`.
int32_t sum_bytes(const uint8_t* bytes, size_t count, uint8_t flip);

}  // namespace atlas::cpu

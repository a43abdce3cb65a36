// Axes that stay together are merged; what remains is runs to copy, or matrices to transpose in blocks.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "atlas/targets/cpu/kernels/transpose.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/dispatch.h"
#include "atlas/targets/cpu/kernels/transpose.h"
#include "atlas/targets/cpu/kernels/transpose4x4-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {

/// to[j * to_stride + i] = from[i * from_stride + j] for i < rows, j < columns.
template <typename T>
void plain_block(const T* from, size_t from_stride, T* to, size_t to_stride, size_t rows, size_t columns) {
  for (size_t j = 0; j < columns; ++j)
    for (size_t i = 0; i < rows; ++i) to[j * to_stride + i] = from[i * from_stride + j];
}

HWY_INLINE void transpose_4x4(const uint32_t* from, size_t from_stride, uint32_t* to, size_t to_stride) {
  const hn::FixedTag<uint32_t, 4> d;
  store_transposed(d, hn::LoadU(d, from), hn::LoadU(d, from + from_stride),
                   hn::LoadU(d, from + 2 * from_stride), hn::LoadU(d, from + 3 * from_stride), to, to_stride);
}

/// Each round moves the highest bit of an element's row below the lowest of its column, and the highest of
/// its column below the lowest of its row: four rounds exchange both.
HWY_INLINE void transpose_16x16(const uint8_t* from, size_t from_stride, uint8_t* to, size_t to_stride) {
  const hn::FixedTag<uint8_t, 16> d;
  hn::Vec<decltype(d)> rows[16], mixed[16];
#pragma GCC unroll 16
  for (size_t i = 0; i < 16; ++i) rows[i] = hn::LoadU(d, from + i * from_stride);
#pragma GCC unroll 4
  for (size_t round = 0; round < 4; ++round) {
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) {
      mixed[2 * i] = hn::InterleaveLower(d, rows[i], rows[i + 8]);
      mixed[2 * i + 1] = hn::InterleaveUpper(d, rows[i], rows[i + 8]);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < 16; ++i) rows[i] = mixed[i];
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < 16; ++i) hn::StoreU(rows[i], d, to + i * to_stride);
}

/// The same in vectors where a block is 16x16 bytes or has whole 4x4 parts of words.
template <typename T>
void block(const T* from, size_t from_stride, T* to, size_t to_stride, size_t rows, size_t columns) {
  if constexpr (sizeof(T) == 1)
    if (rows == 16 && columns == 16) return transpose_16x16(from, from_stride, to, to_stride);
  size_t whole_rows = 0, whole_columns = 0;
  if constexpr (sizeof(T) == 4) {
    whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
    for (size_t j = 0; j < whole_columns; j += 4)
      for (size_t i = 0; i < whole_rows; i += 4)
        transpose_4x4(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
  }
  plain_block(from + whole_rows * from_stride, from_stride, to + whole_rows, to_stride, rows - whole_rows,
              whole_columns);
  plain_block(from + whole_columns, from_stride, to + whole_columns * to_stride, to_stride, rows,
              columns - whole_columns);
}

/// Two to four dense rows of either side, whole vectors of the others; gives how many of them are done.
template <typename T>
size_t few_rows(const T* from, size_t from_stride, T* to, size_t rows, size_t columns) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t j = 0;
  for (; j + lanes <= columns; j += lanes) {
    const auto row = [&](size_t i) HWY_ATTR { return hn::LoadU(d, from + i * from_stride + j); };
    if (rows == 2) hn::StoreInterleaved2(row(0), row(1), d, to + 2 * j);
    if (rows == 3) hn::StoreInterleaved3(row(0), row(1), row(2), d, to + 3 * j);
    if (rows == 4) hn::StoreInterleaved4(row(0), row(1), row(2), row(3), d, to + 4 * j);
  }
  return j;
}

template <typename T>
size_t few_columns(const T* from, T* to, size_t to_stride, size_t rows, size_t columns) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= rows; i += lanes) {
    hn::Vec<decltype(d)> v[4];
    if (columns == 2) hn::LoadInterleaved2(d, from + 2 * i, v[0], v[1]);
    if (columns == 3) hn::LoadInterleaved3(d, from + 3 * i, v[0], v[1], v[2]);
    if (columns == 4) hn::LoadInterleaved4(d, from + 4 * i, v[0], v[1], v[2], v[3]);
    for (size_t j = 0; j < columns; ++j) hn::StoreU(v[j], d, to + j * to_stride + i);
  }
  return i;
}

template <typename T>
void matrix(const void* from, size_t from_stride, void* to, size_t to_stride, size_t rows, size_t columns) {
  constexpr size_t edge = sizeof(T) >= 8 ? 8 : 16;  // rows of a block are cache lines on both sides
  const auto* x = static_cast<const T*>(from);
  auto* y = static_cast<T*>(to);
  if constexpr (sizeof(T) <= 4) {
    const auto few = [](size_t count) { return count >= 2 && count <= 4; };
    if (few(rows) && to_stride == rows) {
      const size_t done = few_rows(x, from_stride, y, rows, columns);
      x += done, y += done * to_stride, columns -= done;
    } else if (few(columns) && from_stride == columns) {
      const size_t done = few_columns(x, y, to_stride, rows, columns);
      x += done * from_stride, y += done, rows -= done;
    }
  }
  for (size_t j = 0; j < columns; j += edge)
    for (size_t i = 0; i < rows; i += edge)
      block(x + i * from_stride + j, from_stride, y + j * to_stride + i, to_stride, std::min(edge, rows - i),
            std::min(edge, columns - j));
}

struct Wide {  // two words that move together
  uint64_t low, high;
};

void transpose_matrix(const void* from, size_t from_stride, void* to, size_t to_stride, size_t rows,
                      size_t columns, size_t element_bytes) {
  switch (element_bytes) {
    case 1:
      return matrix<uint8_t>(from, from_stride, to, to_stride, rows, columns);
    case 2:
      return matrix<uint16_t>(from, from_stride, to, to_stride, rows, columns);
    case 4:
      return matrix<uint32_t>(from, from_stride, to, to_stride, rows, columns);
    case 8:
      return matrix<uint64_t>(from, from_stride, to, to_stride, rows, columns);
    case 16:
      return matrix<Wide>(from, from_stride, to, to_stride, rows, columns);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atlas::cpu {
HWY_EXPORT(transpose_matrix);

namespace {

struct Axis {
  size_t size, x_stride, y_stride;  // strides in elements
};

/// The output's axes, outermost first, without those of size 1 and with neighbours that stay together merged.
std::vector<Axis> merged_axes(std::span<const size_t> shape, std::span<const size_t> permutation) {
  std::vector<size_t> x_strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) x_strides[i - 1] = x_strides[i] * shape[i];
  std::vector<Axis> axes;
  for (const size_t axis : permutation) {
    if (shape[axis] == 1) continue;
    if (!axes.empty() && axes.back().x_stride == x_strides[axis] * shape[axis]) {
      axes.back().size *= shape[axis];
      axes.back().x_stride = x_strides[axis];
    } else {
      axes.push_back({shape[axis], x_strides[axis], 0});
    }
  }
  size_t stride = 1;
  for (size_t i = axes.size(); i-- > 0; stride *= axes[i].size) axes[i].y_stride = stride;
  return axes;
}

/// Runs [begin, end) of `run` elements that are contiguous on both sides, in the order of the output.
void copy_runs(const std::byte* from, std::byte* to, const std::vector<Axis>& axes, size_t run,
               size_t element_bytes, size_t begin, size_t end) {
  const size_t bytes = run * element_bytes;
  std::vector<size_t> at(axes.size());
  size_t x_offset = 0;
  for (size_t i = axes.size(), rest = begin; i-- > 0; rest /= axes[i].size) {
    at[i] = rest % axes[i].size;
    x_offset += at[i] * axes[i].x_stride;
  }
  for (size_t index = begin; index < end; ++index) {
    std::memcpy(to + index * bytes, from + x_offset * element_bytes, bytes);
    for (size_t i = axes.size(); i-- > 0; at[i] = 0) {
      x_offset += axes[i].x_stride;
      if (++at[i] < axes[i].size) break;
      x_offset -= axes[i].size * axes[i].x_stride;
    }
  }
}

void check(std::span<const size_t> shape, std::span<const size_t> permutation, size_t element_bytes) {
  std::vector<bool> seen(shape.size());
  require(shape.size() == permutation.size(), "transpose: expected a permutation of {} axes, got {}",
          shape.size(), permutation.size());
  for (const size_t axis : permutation) {
    require(axis < shape.size() && !seen[axis], "transpose: expected each axis below {} once, got {}",
            shape.size(), axis);
    seen[axis] = true;
  }
  require(element_bytes == 1 || element_bytes == 2 || element_bytes == 4 || element_bytes == 8 ||
              element_bytes == 16,
          "transpose: expected elements of 1, 2, 4, 8 or 16 bytes, got {}", element_bytes);
}

}  // namespace

void transpose(const void* x, void* y, std::span<const size_t> shape, std::span<const size_t> permutation,
               size_t element_bytes, ThreadPool& pool) {
  check(shape, permutation, element_bytes);
  size_t total = 1;
  for (const size_t size : shape) total *= size;
  if (total == 0) return;
  std::vector<Axis> axes = merged_axes(shape, permutation);
  const auto* from = static_cast<const std::byte*>(x);
  auto* to = static_cast<std::byte*>(y);
  if (axes.size() <= 1) {
    std::memcpy(y, x, total * element_bytes);
    return;
  }

  // Contiguous in both: a run. Else two axes make a matrix: the one contiguous in y and the one in x.
  constexpr size_t piece_elements = 1 << 15, least_strip = 32;
  const Axis last = axes.back();
  axes.pop_back();
  const bool runs = last.x_stride == 1;
  Axis columns{1, 1, 1};
  if (!runs) {
    const auto contiguous =
        std::find_if(axes.begin(), axes.end(), [](const Axis& a) { return a.x_stride == 1; });
    columns = *contiguous;
    axes.erase(contiguous);
  }
  // A piece of work has some rows of the matrix, and some columns where there are many.
  const size_t strip = std::max(least_strip, piece_elements / columns.size / least_strip * least_strip);
  const size_t strips = runs ? 1 : ceil_div(last.size, strip);
  const size_t width = std::max<size_t>(64, piece_elements / std::min(strip, last.size) / 64 * 64);
  const size_t widths = ceil_div(columns.size, width);
  size_t outer = strips * widths;
  for (const Axis& axis : axes) outer *= axis.size;

  constexpr size_t bytes_per_task = 128 * 1024;
  const size_t piece_bytes = total / outer * element_bytes;
  pool.parallel_for(outer, bytes_per_task / (piece_bytes + 1) + 1, [&](size_t begin, size_t end) {
    if (runs) return copy_runs(from, to, axes, last.size, element_bytes, begin, end);
    for (size_t index = begin; index < end; ++index) {
      size_t x_offset = 0, y_offset = 0, rest = index / strips / widths;
      for (size_t i = axes.size(); i-- > 0; rest /= axes[i].size) {
        x_offset += rest % axes[i].size * axes[i].x_stride;
        y_offset += rest % axes[i].size * axes[i].y_stride;
      }
      const size_t first = index % strips * strip, column = index / strips % widths * width;
      ATLAS_DISPATCH(transpose_matrix)
      (from + (x_offset + first * last.x_stride + column) * element_bytes, last.x_stride,
       to + (y_offset + first + column * columns.y_stride) * element_bytes, columns.y_stride,
       std::min(strip, last.size - first), std::min(width, columns.size - column), element_bytes);
    }
  });
}

}  // namespace atlas::cpu
#endif

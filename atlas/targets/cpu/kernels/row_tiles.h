// The left operand of matrix products as register tiles read it, and its product with a panel of the right
// one.
#pragma once

#include <cstddef>
#include <limits>

#include "atlas/targets/cpu/kernels/blocked_tile.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"

namespace atlas::cpu {

/// A matrix somewhere in memory: element (i, j) is data[i * row_stride + j * column_stride].
struct MatrixView {
  const float* data = nullptr;
  size_t row_stride = 0;
  size_t column_stride = 1;

  MatrixView transposed() const { return {data, column_stride, row_stride}; }
  MatrixView at(size_t row, size_t column) const {
    return {data + row * row_stride + column * column_stride, row_stride, column_stride};
  }
};

/// How `rows` x `k` elements are cut: tiles of about equally many rows, in each blocks of channel_block steps
/// of k, in each its rows one behind the other.
struct RowTiles {
  size_t rows, k, count;

  RowTiles(const BlockedKernel& kernel, size_t row_count, size_t steps)
      : RowTiles(kernel.rows, row_count, steps) {}
  RowTiles(size_t tile_rows, size_t row_count, size_t steps)
      : rows(row_count), k(steps), count(ceil_div(row_count, tile_rows)) {}

  size_t first(size_t tile) const { return tile * rows / count; }
  /// Floats of a row, what fills its last block included.
  size_t row_floats() const { return ceil_div(k, channel_block) * channel_block; }
  size_t size() const { return rows * row_floats(); }
};

/// Writes factor * a, rows x k, to `to`, which holds tiles.size() floats and pack_slack behind them.
void pack_rows(const RowTiles& tiles, MatrixView a, float factor, float* to) noexcept;

/// C = clip(A B + bias + residual) for tiles [begin, end) of A and one panel of B.
struct PanelProduct {
  const BlockedKernel& kernel;
  const RowTiles& tiles;
  size_t begin, end;
  size_t all_rows = 0;              // of the matrix of which the tiles hold a part; 0: they hold all
  const float* a;                   // as pack_rows writes it, from tile 0
  const float* panel;               // [k][columns filled to whole vectors]
  const float* next = nullptr;      // a panel that is read after this one, or null
  size_t columns;                   // 1 to kernel.panel_lanes()
  float* c;                         // of the first row of tile `begin`
  size_t c_stride;                  // floats between rows
  const float* bias = nullptr;      // one for each column, or null
  const float* residual = nullptr;  // as c, which it may be; or null
  size_t residual_stride = 0;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

/// On the calling thread. Tiles of a matrix of few rows add up in an order of their own; otherwise the result
/// of a row does not depend on where it stands.
void multiply(const PanelProduct& product) noexcept;

}  // namespace atlas::cpu

// Widens both operands to 16 bits less their zero points, in pairs of k, and cuts C into tasks.
#include "atlas/targets/cpu/kernels/igemm.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/targets/cpu/kernels/igemm_tile.h"

namespace atlas::cpu {
namespace {

size_t ceil_div(size_t a, size_t b) {
  return (a + b - 1) / b;
}

/// to[(step / 2) * 2 * width + 2 * lane + step % 2] = element (lane, step) less the lane's zero point; zero
/// for lanes and steps beyond the matrix.
template <typename T>
void widen_panel(const T* from, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
                 const int32_t* zero_points, int32_t zero_point, int16_t* to) {
  for (size_t step = 0; step < k; step += 2) {
    int16_t* pairs = to + step * width;
    const bool both = step + 1 < k;
    for (size_t lane = 0; lane < lanes; ++lane) {
      const T* at = from + lane * lane_stride + step * k_stride;
      const int32_t zero = zero_points ? zero_points[lane] : zero_point;
      pairs[2 * lane] = static_cast<int16_t>(at[0] - zero);
      pairs[2 * lane + 1] = both ? static_cast<int16_t>(at[k_stride] - zero) : int16_t{0};
    }
    std::fill(pairs + 2 * lanes, pairs + 2 * width, int16_t{0});
  }
}

/// The panel of `lanes` rows that begins at row `first` of the matrix (of B: its columns are the rows here).
void widen(const ByteMatrix& matrix, size_t lane_stride, size_t k_stride, size_t first, size_t lanes,
           size_t k, size_t width, int16_t* to) {
  const int32_t* zero_points = matrix.zero_points ? matrix.zero_points + first : nullptr;
  const size_t offset = first * lane_stride;
  if (matrix.is_signed)
    widen_panel(static_cast<const int8_t*>(matrix.data) + offset, lane_stride, k_stride, lanes, k, width,
                zero_points, matrix.zero_point, to);
  else
    widen_panel(static_cast<const uint8_t*>(matrix.data) + offset, lane_stride, k_stride, lanes, k, width,
                zero_points, matrix.zero_point, to);
}

}  // namespace

PackedBytes::PackedBytes(const ByteMatrix& b, size_t k, size_t n, ThreadPool& pool) : k_(k), n_(n) {
  const size_t panels = ceil_div(n, igemm_columns), panel_size = ceil_div(k, 2) * 2 * igemm_columns;
  values_.resize(panels * panel_size);
  pool.parallel_for(panels, 1 + 32768 / (panel_size + 1), [&](size_t begin, size_t end) {
    for (size_t panel = begin; panel < end; ++panel) {
      const size_t first = panel * igemm_columns;
      widen(b, b.column_stride, b.row_stride, first, std::min(igemm_columns, n - first), k, igemm_columns,
            values_.data() + panel * panel_size);
    }
  });
}

void igemm(const GemmShape& shape, const ByteMatrix& a, const PackedBytes& b, int32_t* c, size_t c_stride,
           ThreadPool& pool) {
  const auto [m, n, k] = shape;
  ensure(b.k_ == k && b.n_ == n, "igemm: packed B has another shape");
  if (m == 0 || n == 0) return;
  const size_t pairs = ceil_div(k, 2), stacks = ceil_div(m, igemm_rows), panels = ceil_div(n, igemm_columns);
  const size_t stack_size = pairs * 2 * igemm_rows, panel_size = pairs * 2 * igemm_columns;
  Scratch memory(stacks * stack_size * sizeof(int16_t));
  int16_t* rows = memory.as<int16_t>();
  pool.parallel_for(stacks, 1 + 16384 / (stack_size + 1), [&](size_t begin, size_t end) {
    for (size_t stack = begin; stack < end; ++stack) {
      const size_t first = stack * igemm_rows;
      widen(a, a.row_stride, a.column_stride, first, std::min(igemm_rows, m - first), k, igemm_rows,
            rows + stack * stack_size);
    }
  });

  // A task is some panels of B by a run of rows that stays in the second cache while the panels pass.
  constexpr size_t run_bytes = 256 * 1024;
  const size_t run = std::clamp<size_t>(run_bytes / (stack_size * sizeof(int16_t) + 1), 1, stacks);
  const size_t runs = ceil_div(stacks, run);
  constexpr size_t products_per_task = 200000;
  const size_t grain = products_per_task / (run * igemm_rows * igemm_columns * (k + 1)) + 1;
  pool.parallel_for(panels * runs, grain, [&](size_t begin, size_t end) {
    alignas(64) int32_t whole[igemm_rows * igemm_columns];
    for (size_t task = begin; task < end; ++task) {
      const size_t panel = task % panels, first_stack = task / panels * run, column = panel * igemm_columns;
      const size_t columns = std::min(igemm_columns, n - column);
      for (size_t stack = first_stack; stack < std::min(stacks, first_stack + run); ++stack) {
        const size_t row = stack * igemm_rows, height = std::min(igemm_rows, m - row);
        const int16_t* left = rows + stack * stack_size;
        const int16_t* right = b.values_.data() + panel * panel_size;
        int32_t* to = c + row * c_stride + column;
        if (columns == igemm_columns) {
          igemm_tile(pairs, left, right, height, to, c_stride);
          continue;
        }
        igemm_tile(pairs, left, right, height, whole, igemm_columns);
        for (size_t r = 0; r < height; ++r)
          std::copy_n(whole + r * igemm_columns, columns, to + r * c_stride);
      }
    }
  });
}

}  // namespace atlas::cpu

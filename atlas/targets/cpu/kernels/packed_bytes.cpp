// Bytes of a right operand in quads of k, made signed.
#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/igemm.h"

namespace atlas::cpu {
namespace {

void pack_panel(const uint8_t* from, const ByteMatrix& b, size_t columns, size_t k, uint8_t* to) {
  const uint8_t flip = b.is_signed ? 0 : 128;
  for (size_t step = 0; step < k; step += 4, from += 4 * b.row_stride, to += 4 * igemm_columns) {
    const size_t steps = std::min<size_t>(4, k - step);
    if (b.column_stride == 1 && columns == igemm_columns && steps == 4) {
      const uint8_t* const rows[] = {from, from + b.row_stride, from + 2 * b.row_stride,
                                     from + 3 * b.row_stride};
      interleave_quads(rows, igemm_columns, flip, to);
      continue;
    }
    std::memset(to, 0, 4 * igemm_columns);
    for (size_t j = 0; j < columns; ++j)
      for (size_t s = 0; s < steps; ++s)
        to[4 * j + s] = static_cast<uint8_t>(from[s * b.row_stride + j * b.column_stride] ^ flip);
  }
}

}  // namespace

PackedBytes::PackedBytes(const ByteMatrix& b, size_t k, size_t n, ThreadPool& pool) : k_(k), n_(n) {
  const size_t panel_size = quads() * 4 * igemm_columns, columns = panels() * igemm_columns;
  values_ = allocate_aligned(panels() * panel_size + IgemmKernel::slack);
  sums_.resize(columns);
  const int32_t shift = b.is_signed ? 0 : 128;
  std::vector<int32_t> zeros(columns);
  for (size_t j = 0; j < n; ++j) zeros[j] = (b.zero_points ? b.zero_points[j] : b.zero_point) - shift;

  // The sum of a column is its product with ones.
  const IgemmKernel& kernel = igemm_kernel();
  const std::vector<uint8_t> ones(k, 1);
  const uint8_t* const row = ones.data();
  Scratch left(kernel.row_bytes(k) + IgemmKernel::slack);
  kernel.fill(&row, 1, k, 0, left.as<std::byte>());
  const std::byte* const left_panel = left.as<std::byte>();
  const int32_t none[igemm_columns] = {};
  const auto* from = static_cast<const uint8_t*>(b.data);
  pool.parallel_for(panels(), 1 + 32768 / (panel_size + 1), [&](size_t begin, size_t end) {
    const IgemmUse use(kernel);
    alignas(64) int32_t sums[IgemmKernel::least_rows * igemm_columns];
    for (size_t i = begin; i < end; ++i) {
      const size_t first = i * igemm_columns;
      auto* to = reinterpret_cast<uint8_t*>(values_.get()) + i * panel_size;
      pack_panel(from + first * b.column_stride, b, std::min(igemm_columns, n - first), k, to);
      kernel.tile[0](quads(), left_panel, panel(i), none, igemm_columns, sums, {});
      std::copy_n(sums, igemm_columns, sums_.data() + first);
    }
  });
  for (size_t j = 0; j < columns; ++j)
    sums_[j] = static_cast<int32_t>(static_cast<uint32_t>(sums_[j]) -
                                    static_cast<uint32_t>(k) * static_cast<uint32_t>(zeros[j]));
  if (std::ranges::any_of(zeros, [](int32_t zero) { return zero != 0; })) zeros_ = std::move(zeros);
}

size_t PackedBytes::bytes() const {
  return panels() *
         (quads() * 4 * igemm_columns + (zeros_.empty() ? 1 : 2) * igemm_columns * sizeof(int32_t));
}

}  // namespace atlas::cpu

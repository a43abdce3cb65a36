// Bytes of a right operand in quads of k, made signed.
#include <algorithm>
#include <cstring>

#include "atlas/targets/cpu/kernels/igemm.h"
#include "atlas/targets/cpu/kernels/scratch.h"

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

PackedBytes::PackedBytes(const ByteMatrix& b, size_t k, size_t n, ThreadPool& pool)
    : PackedBytes([&] { return b; }, k, n, pool, plain_packer()) {}

PackedBytes::PackedBytes(ByteMatrixFinder b, size_t k, size_t n, ThreadPool& pool, Packer& packer)
    : k_(k), n_(n) {
  const size_t columns = panels() * igemm_columns;
  memory_ = packer.pack(bytes(), [&](std::byte* to) { fill(b(), pool, to); });
  const int32_t* zeros = sums() + columns;
  has_zeros_ = std::any_of(zeros, zeros + columns, [](int32_t zero) { return zero != 0; });
}

void PackedBytes::fill(const ByteMatrix& b, ThreadPool& pool, std::byte* to) const {
  const size_t columns = panels() * igemm_columns;
  auto* const values = reinterpret_cast<uint8_t*>(to);
  auto* const sums = reinterpret_cast<int32_t*>(to + panels() * panel_bytes());
  int32_t* const zeros = sums + columns;
  const int32_t shift = b.is_signed ? 0 : 128;
  std::fill_n(zeros, columns, 0);
  for (size_t j = 0; j < n_; ++j) zeros[j] = (b.zero_points ? b.zero_points[j] : b.zero_point) - shift;

  // The sum of a column is its product with ones.
  const IgemmKernel& kernel = igemm_kernel();
  const std::vector<uint8_t> ones(k_, 1);
  const uint8_t* const row = ones.data();
  Scratch left(kernel.row_bytes(k_) + IgemmKernel::slack);
  kernel.fill(&row, 1, k_, 0, left.as<std::byte>());
  const std::vector<IgemmChunk> chunks = panel_chunks(k_, IgemmKernel::chunk / 4, kernel.chunk_bytes);
  const std::byte* const left_panel = left.as<std::byte>();
  const int32_t none[igemm_columns] = {};
  const auto* from = static_cast<const uint8_t*>(b.data);
  pool.parallel_for(panels(), 1 + 32768 / (panel_bytes() + 1), [&](size_t begin, size_t end) {
    const IgemmUse use(kernel);
    alignas(64) int32_t own[IgemmKernel::least_rows * igemm_columns];
    for (size_t i = begin; i < end; ++i) {
      const size_t first = i * igemm_columns;
      uint8_t* const panel = values + i * panel_bytes();
      pack_panel(from + first * b.column_stride, b, std::min(igemm_columns, n_ - first), k_, panel);
      kernel.tile[0]({left_panel, kernel.chunk_bytes, chunks.data(), chunks.size(),
                      reinterpret_cast<const int8_t*>(panel), none, igemm_columns, own});
      std::copy_n(own, igemm_columns, sums + first);
    }
  });
  for (size_t j = 0; j < columns; ++j)
    sums[j] = static_cast<int32_t>(static_cast<uint32_t>(sums[j]) -
                                   static_cast<uint32_t>(k_) * static_cast<uint32_t>(zeros[j]));
}

size_t PackedBytes::bytes() const {
  return panels() * (panel_bytes() + 2 * igemm_columns * sizeof(int32_t)) + IgemmKernel::slack;
}

}  // namespace atlas::cpu

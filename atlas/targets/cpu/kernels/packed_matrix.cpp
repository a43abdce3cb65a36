// Cuts operands into panels, in parallel over panels.
#include "atlas/targets/cpu/kernels/packed_matrix.h"

#include "atlas/base/error.h"
#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// The smallest width that needs no more parts than the largest allowed one does: no thin last part.
size_t even_width(size_t extent, size_t largest) {
  const size_t parts = std::max<size_t>(1, (extent + largest - 1) / largest);
  return std::max<size_t>(1, (extent + parts - 1) / parts);
}

}  // namespace

PanelLayout PanelLayout::left(const GemmKernel& kernel, size_t rows, size_t k) {
  return {rows, k, even_width(rows, kernel.rows), even_width(k, kernel.k_block), false};
}

PanelLayout PanelLayout::right(const GemmKernel& kernel, size_t columns, size_t k) {
  return {columns, k, kernel.columns(), even_width(k, kernel.k_block), true};
}

void pack(const PanelLayout& layout, MatrixView matrix, float* to, ThreadPool& pool) {
  const size_t panels = layout.panels();
  const auto pack_panels = [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t block = index / panels, panel = index % panels;
      const size_t first = panel * layout.width, lanes = std::min(layout.width, layout.extent - first);
      const float* from =
          matrix.data + first * matrix.row_stride + block * layout.k_block * matrix.column_stride;
      const size_t steps = layout.block_steps(block);
      if (layout.filled || lanes % 4 == 0 || matrix.row_stride == 1) {
        pack_panel(from, matrix.row_stride, matrix.column_stride, lanes, steps,
                   layout.filled ? layout.width : lanes, to + layout.offset(block, panel));
        continue;
      }
      // The slack behind this panel is the head of the next, which another thread may have written already.
      Scratch panel_memory((lanes * steps + pack_slack) * sizeof(float));
      float* whole = panel_memory.as<float>();
      pack_panel(from, matrix.row_stride, matrix.column_stride, lanes, steps, lanes, whole);
      std::copy_n(whole, lanes * steps, to + layout.offset(block, panel));
    }
  };
  constexpr size_t elements_per_task = 16384;
  const size_t grain = elements_per_task / std::max<size_t>(1, layout.width * layout.k_block) + 1;
  pool.parallel_for(layout.blocks() * panels, grain, pack_panels);
}

PackedMatrix::PackedMatrix(const GemmKernel& kernel, PanelLayout layout, MatrixFinder matrix,
                           ThreadPool& pool, Packer& packer)
    : kernel_(&kernel), layout_(layout) {
  memory_ = packer.pack(layout.size() * sizeof(float), [&](std::byte* to) {
    cpu::pack(layout, matrix(), reinterpret_cast<float*>(to), pool);
  });
}

PackedMatrix PackedMatrix::left(MatrixFinder a, size_t rows, size_t k, ThreadPool& pool, Packer& packer) {
  const GemmKernel& kernel = gemm_kernel();
  return {kernel, PanelLayout::left(kernel, rows, k), a, pool, packer};
}

PackedMatrix PackedMatrix::right(MatrixFinder b, size_t k, size_t columns, ThreadPool& pool, Packer& packer) {
  const GemmKernel& kernel = gemm_kernel();
  return {kernel, PanelLayout::right(kernel, columns, k), [&] { return b().transposed(); }, pool, packer};
}

PackedMatrix PackedMatrix::right(MatrixView b, size_t k, size_t columns, ThreadPool& pool) {
  return right([&] { return b; }, k, columns, pool, plain_packer());
}

}  // namespace atlas::cpu

// Cuts an operand into panels, in parallel over panels.
#include "atlas/targets/cpu/kernels/packed_matrix.h"

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"

namespace atlas::cpu {
namespace {

void fill(const ColumnPanels& panels, MatrixView b, float* to, ThreadPool& pool) {
  constexpr size_t elements_per_task = 16384;
  const size_t grain = elements_per_task / std::max<size_t>(1, panels.width * panels.k) + 1;
  pool.parallel_for(panels.count, grain, [&](size_t begin, size_t end) {
    for (size_t panel = begin; panel < end; ++panel)
      pack_panel(b.at(0, panel * panels.width).data, b.column_stride, b.row_stride, panels.columns_of(panel),
                 panels.k, panels.width_of(panel), to + panels.offset(panel));
  });
}

}  // namespace

PackedMatrix::PackedMatrix(MatrixFinder b, size_t k, size_t columns, ThreadPool& pool, Packer& packer)
    : kernel_(&blocked_kernel()),
      panels_(*kernel_, columns, k),
      memory_(packer.pack((panels_.size() + pack_slack) * sizeof(float),
                          [&](std::byte* to) { fill(panels_, b(), reinterpret_cast<float*>(to), pool); })) {}

PackedMatrix::PackedMatrix(MatrixView b, size_t k, size_t columns, ThreadPool& pool)
    : PackedMatrix([&] { return b; }, k, columns, pool, plain_packer()) {}

}  // namespace atlas::cpu

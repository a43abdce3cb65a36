// Cuts an operand into panels, in parallel over panels.
#include "atlas/targets/cpu/kernels/packed_matrix.h"

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/pack_panel.h"

namespace atlas::cpu {

PackedMatrix::PackedMatrix(MatrixView b, size_t k, size_t columns, ThreadPool& pool)
    : kernel_(&blocked_kernel()),
      panels_(*kernel_, columns, k),
      memory_(allocate_aligned((panels_.size() + pack_slack) * sizeof(float))) {
  auto* to = reinterpret_cast<float*>(memory_.get());
  constexpr size_t elements_per_task = 16384;
  const size_t grain = elements_per_task / std::max<size_t>(1, panels_.width * k) + 1;
  pool.parallel_for(panels_.count, grain, [&](size_t begin, size_t end) {
    for (size_t panel = begin; panel < end; ++panel)
      pack_panel(b.at(0, panel * panels_.width).data, b.column_stride, b.row_stride,
                 panels_.columns_of(panel), k, panels_.width_of(panel), to + panels_.offset(panel));
  });
}

}  // namespace atlas::cpu

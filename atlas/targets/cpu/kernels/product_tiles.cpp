#include "atlas/targets/cpu/kernels/product_tiles.h"

namespace atlas::cpu {

void finish_sums(const Bf16Kernel& kernel, const Epilogue& step, const Epilogue& behind, float* sums,
                 size_t rows, size_t columns, Numbers<std::byte> c, size_t c_stride) {
  if (behind.empty() && !c.rounded)
    return apply(step, sums, bf16_columns, c.as<float>(), c_stride, rows, columns);
  // What looks at each sum alone passes over all of them at once.
  apply(step, sums, bf16_columns, rows, columns);
  if (!behind.empty()) apply(behind, sums, 0, 1, rows * bf16_columns);
  for (size_t r = 0; r < rows; ++r) {
    const Numbers<std::byte> to = c.at(r * c_stride);
    if (to.rounded)
      kernel.round(sums + r * bf16_columns, columns, to.as<Bf16>());
    else
      std::copy_n(sums + r * bf16_columns, columns, to.as<float>());
  }
}

}  // namespace atlas::cpu

// Matrix products of f32 on tiles of bfloat16.
#pragma once

#include "atlas/targets/cpu/kernels/gemm.h"

namespace atlas::cpu {

/// Whether split_gemm takes this product and is the faster way.
bool takes_split(const GemmShape& shape, const MatrixView& a, const ColumnPanels& right,
                 const GemmOptions& options);

/// As gemm.
void split_gemm(const GemmShape& shape, MatrixView a, const RightOperand& b, const ColumnPanels& right,
                float* c, size_t c_stride, const GemmOptions& options, ThreadPool& pool);

}  // namespace atlas::cpu

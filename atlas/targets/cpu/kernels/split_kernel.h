// Products of f32 on units that multiply bfloat16. Three bfloat16s hold the 24 bits of a float exactly; of
// the nine products of two such sums the six largest are summed in f32, the smallest first. What is left out
// is below 2^-26 of a product, less than f32 rounds off a sum (Henry, Tang and Heinecke, "Leveraging the
// bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations", 2019).
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/bf16_kernel.h"

namespace atlas::cpu {

constexpr size_t split_parts = 3;

/// Whether products of f32 are made this way: under AMX, whose tiles are 16 times as fast as products of f32.
/// Never with ATLAS_OFF=splits.
bool splits_products();

/// The table whose factors have three parts, without what fills from blocked images. Sums that are not finite
/// are made anew in f32, so that infinities and NaNs do what they do there. Floats below 2^-110 keep fewer
/// bits, down to 8.
const Bf16Kernel& split_kernel();

/// Writes `k` steps of `width` floats (channel_block or bf16_columns) as a panel: whole chunks, in each its
/// parts, which lie as in a chunk of pack_bf16_panel.
void pack_split_panel(const float* from, size_t k, Bf16* to, size_t width = bf16_columns);

/// Makes those of `rows` x `columns` sums anew that are not finite.
void mend_sums(const Bf16Tile& tile, size_t rows, size_t columns);

}  // namespace atlas::cpu

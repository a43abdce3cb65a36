// The register-blocked heart of integer matrix products.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atlas::cpu {

/// Columns of a packed panel of B: a multiple of the vector length on every instruction set, so that one
/// packing serves all.
constexpr size_t igemm_columns = 32;

/// Rows of the largest tile.
constexpr size_t igemm_rows = 6;

/// C = A B for `rows` (at most igemm_rows) by igemm_columns elements of C. A holds `pairs` pairs of k, each
/// of igemm_rows times two values; B holds as many, each of igemm_columns times two. Another multiply-add
/// (VNNI) gets a tile of its own beside this one.
void igemm_tile(size_t pairs, const int16_t* a, const int16_t* b, size_t rows, int32_t* c, size_t c_stride);

}  // namespace atlas::cpu

// The register-blocked heart of matrix products, one table per instruction set.
#pragma once

#include <cstddef>

namespace atlas::cpu {

/// C = alpha * A B + beta * C for one register tile of R rows and up to V vectors of columns.
/// `a` holds k steps of R floats (a panel as pack_panel writes it); `b` holds k steps of V vectors,
/// `b_stride` floats apart; C has `c_stride` floats between rows. With beta 0, C is not read.
using GemmTile = void (*)(size_t k, const float* a, const float* b, size_t b_stride, float* c,
                          size_t c_stride, float alpha, float beta);

/// Another element type (bf16, int8) adds a table of its own beside this one; the drivers see no vectors.
struct GemmKernel {
  static constexpr size_t max_rows = 14;
  static constexpr size_t few_rows = 4;  // up to which tiles add up in an order of their own
  static constexpr size_t max_vectors = 2;

  size_t rows;                           // largest R
  size_t lanes;                          // floats per vector
  size_t k_block;                        // steps of k whose panels fit the caches
  GemmTile tile[max_rows][max_vectors];  // [R - 1][V - 1]
  // For few rows that are what is left of panels of more: these add up in the order of those, so that the
  // result of a row does not depend on where it stands.
  GemmTile rest_tile[few_rows][max_vectors];

  size_t columns() const { return lanes * max_vectors; }
};

/// The table of the instruction set in use. Lives as long as the program.
const GemmKernel& gemm_kernel();

/// Copies `lanes` x `k` elements to dst[step * width + lane], zero for the lanes from `lanes` to `width`:
/// source element (lane, step) is src[lane * lane_stride + step * k_stride]. With lanes = rows this packs a
/// panel of A, with lanes = columns one of B. May write up to 3 floats beyond dst[k * width].
void pack_panel(const float* src, size_t lane_stride, size_t k_stride, size_t lanes, size_t k, size_t width,
                float* dst) noexcept;

/// The floats that pack_panel may write behind a panel.
constexpr size_t pack_slack = 3;

}  // namespace atlas::cpu

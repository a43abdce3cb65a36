// Time of matrix products on one chip: tiles in waves over cores, split-K, L2 residency.
#pragma once

#include <span>
#include <string_view>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

/// How the numbers of a product are kept and computed.
struct GemmFormat {
  std::string_view name;    // as tables say it
  double a_bytes;           // of an element of activations
  double b_bytes;           // of weights, scales included
  double c_bytes;           // of the result
  std::string_view engine;  // number format of the arithmetic
  bool prepares;            // activations are quantised in a pass of their own
};

/// "bfloat16", "fp16", "fp32", "fp8", "int8_wo", ... or nullptr.
const GemmFormat* gemm_format(std::string_view name);

/// C[m, n] = A[m, k] B[k, n], `batch` times.
struct Gemm {
  double batch = 1;
  double m = 1;
  double n = 1;
  double k = 1;
  const GemmFormat* format = nullptr;
  double a_share = 1;     // of A's elements that are different ones in memory: windows of a picture overlap
  bool gathered = false;  // A's rows are windows of a picture; vector units' kernels for that do not split K
};

extern const Family kGemmFamily;

/// `constants` in the order of kGemmFamily.
Estimate predict_gemm(const Chip& chip, std::span<const double> constants, const Gemm& gemm);

}  // namespace atlas

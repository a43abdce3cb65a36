// Time of convolutions: the best of the ways in which libraries turn one into products of matrices.
#pragma once

#include "atlas/plan/gemm_model.h"

namespace atlas {

/// Two spatial dimensions; one size stands for both where they are equal.
struct Convolution {
  double batch = 1;
  double in_channels = 1;
  double out_channels = 1;
  double kernel_h = 1;
  double kernel_w = 1;
  double out_h = 1;
  double out_w = 1;
  double stride = 1;
  double groups = 1;
  double in_h = 1;
  double in_w = 1;
  const GemmFormat* format = nullptr;
};

/// The constants of products, and four more for Winograd's algorithm.
extern const Family kConvolutionFamily;

Estimate predict_convolution(const Chip& chip, std::span<const double> constants, const Convolution& op);

}  // namespace atlas

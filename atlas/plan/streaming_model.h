// Time of operators that memory bounds: element-wise ones, and those that walk along rows (softmax, norms).
#pragma once

#include <span>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

struct Elementwise {
  double elements = 0;  // of the result
  double operands = 1;  // tensors read, of that size
  double element_bytes = 4;
  double operations = 1;  // per element
};

/// Rows are normalised one by one.
struct RowWise {
  double rows = 0;
  double columns = 0;
  double element_bytes = 4;
};

extern const Family kElementwiseFamily;
extern const Family kSoftmaxFamily;
extern const Family kNormFamily;

Estimate predict_elementwise(const Chip& chip, std::span<const double> constants, const Elementwise& op);

/// Softmax and norms alike: they differ by their constants.
Estimate predict_rows(const Chip& chip, std::span<const double> constants, const RowWise& op);

}  // namespace atlas

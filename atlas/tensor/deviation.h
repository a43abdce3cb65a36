// How far one tensor is from another, in numbers.
#pragma once

#include <string>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct Deviation {
  double max_abs = 0;
  /// Of single elements; those below a thousandth of the largest expected one are held against that
  /// thousandth.
  double max_rel = 0;
  double of_largest = 0;  // max_abs over the largest expected magnitude
  double cosine = 1;      // of the angle between the two; 1 where both are zero
  double snr_db = 0;      // energy expected over energy of the difference; infinite where they are equal
  std::size_t worst = 0;  // the element that max_abs is of
  std::string mismatch;   // why they cannot be compared: shapes, strings; "" where they can

  /// Comparable, and no element further off than `tolerance` times the largest expected magnitude.
  bool within(double tolerance) const { return mismatch.empty() && of_largest <= tolerance; }
};

/// Element types may differ; shapes must not. A NaN or an infinity that is not expected is an infinite
/// deviation.
Deviation deviation(const Tensor& got, const Tensor& expected);

}  // namespace atlas

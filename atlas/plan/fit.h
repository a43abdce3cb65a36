// Fits the constants of the operator models to measurements.
#pragma once

#include <vector>

#include "atlas/plan/operator.h"

namespace atlas {

struct Measurement {
  const Chip* chip = nullptr;
  Operator op;
  double seconds = 0;
};

/// Constants for every key with at least `least_rows` measurements on some chip. What is made small is the
/// mean of |ln(predicted / measured)|, cut off at 1 so that odd rows do not decide; each chip counts alike,
/// and at most 250 of its rows per key, evenly taken. The same measurements give the same constants.
Constants fit_constants(const std::vector<Measurement>& measurements, std::size_t least_rows = 12);

}  // namespace atlas

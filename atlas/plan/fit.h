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

/// Constants for every key with at least six measurements (two of whole runs) on some chip; for all others,
/// those of `prior`. What is made small is the mean of |ln(predicted / measured)|, cut off at 1 so that odd
/// rows do not decide; each chip counts alike, and at most 200 of its rows per key, evenly taken. The search
/// begins at the prior, which a few rows move little and many freely. The same measurements give the same
/// constants.
Constants fit_constants(const std::vector<Measurement>& measurements, const Constants& prior = {});

}  // namespace atlas

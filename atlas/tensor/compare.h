// Whether two results agree within a tolerance, and where they do not.
#pragma once

#include <string>

#include "atlas/tensor/datum.h"

namespace atlas {

struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-7;
};

/// "" where `got` agrees with `expected`: same kind, element type and shape, numbers with
/// |got - expected| <= absolute + relative * |expected|, NaN equal to NaN, strings and integers within the
/// same rule. Else one line that says what differs and where.
std::string difference(const Datum& got, const Datum& expected, const Tolerance& tolerance);

}  // namespace atlas

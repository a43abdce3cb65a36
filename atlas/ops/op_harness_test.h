// The one harness for operator tests: a list of cases in, every property of each operator checked.
#pragma once

#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/tensor/datum.h"

namespace atlas {

/// One node with its inputs and the outputs it must give.
struct OpCase {
  std::string what;           // shown when the case fails
  std::string op;             // "Relu" or "com.microsoft::Gelu"
  std::vector<Datum> inputs;  // an empty Datum: left out
  Attributes attributes;
  std::vector<Datum> outputs;  // an empty Datum: left out
  double tolerance = 1e-6;     // |got - expected| <= tolerance * (1 + |expected|)
};

/// Checks for each case: the reference gives the outputs; inferred types fit them, with inputs constant, of
/// known shape, and of symbolic shape; the decomposition, where there is one, gives the same outputs.
void check_cases(const std::vector<OpCase>& cases);

/// Checks that the reference or inference throws Error and that the message holds `fragment`.
void check_error(const OpCase& op_case, const std::string& fragment);

}  // namespace atlas

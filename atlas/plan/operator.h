// One operator with its sizes, or a whole run, in any of the forms that a model knows.
#pragma once

#include <string>
#include <variant>

#include "atlas/plan/attention_model.h"
#include "atlas/plan/collective_model.h"
#include "atlas/plan/convolution_model.h"
#include "atlas/plan/gemm_model.h"
#include "atlas/plan/run_model.h"
#include "atlas/plan/streaming_model.h"

namespace atlas {

struct Operator {
  std::string key;  // of its constants: a family, and what its numbers are
  std::variant<Gemm, Convolution, Attention, Elementwise, RowWise, Collective, Run, Pace> sizes;
};

/// Throws what the operator's model throws.
Estimate predict(const Chip& chip, const Constants& constants, const Operator& op);

/// The same with the family's constants in hand.
Estimate predict_with(const Chip& chip, std::span<const double> constants, const Operator& op);

}  // namespace atlas

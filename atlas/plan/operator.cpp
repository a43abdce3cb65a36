// Hands an operator to its model.
#include "atlas/plan/operator.h"

namespace atlas {

Estimate predict_with(const Chip& chip, std::span<const double> constants, const Operator& op) {
  struct Hand {
    const Chip& chip;
    std::span<const double> constants;
    bool decodes;

    Estimate operator()(const Gemm& sizes) const { return predict_gemm(chip, constants, sizes); }
    Estimate operator()(const Convolution& sizes) const {
      return predict_convolution(chip, constants, sizes);
    }
    Estimate operator()(const Attention& sizes) const {
      return decodes ? predict_decode(chip, constants, sizes) : predict_prefill(chip, constants, sizes);
    }
    Estimate operator()(const Elementwise& sizes) const {
      return predict_elementwise(chip, constants, sizes);
    }
    Estimate operator()(const RowWise& sizes) const { return predict_rows(chip, constants, sizes); }
    Estimate operator()(const Collective& sizes) const { return predict_collective(chip, constants, sizes); }
    Estimate operator()(const Run& run) const { return predict_run(chip, constants, run); }
    Estimate operator()(const Pace& pace) const { return predict_pace(constants, pace); }
  };
  return std::visit(Hand{chip, constants, family_of(op.key) == kDecodeFamily.name}, op.sizes);
}

Estimate predict(const Chip& chip, const Constants& constants, const Operator& op) {
  return predict_with(chip, constants.at(op.key), op);
}

}  // namespace atlas

// The equation of an Einsum, and what it is in terms of matrix products.
#pragma once

#include <vector>

#include "atlas/ops/decompose_context.h"

namespace atlas::ops {

/// A letter, or the place of an ellipsis axis counted from the last one, negative.
using Label = int;
using Labels = std::vector<Label>;

struct Equation {
  std::vector<Labels> inputs;
  Labels output;
};

/// `ranks`: of the inputs. Throws InvalidArgument where the node's equation does not fit them.
Equation read_equation(const Node& node, const std::vector<std::size_t>& ranks);

/// Of one operand a sum and a transposition, of two a MatMul between transpositions; nothing where there are
/// more, an axis is met twice in a term, or extents of one label may differ.
std::vector<ValueId> decompose_einsum(DecomposeContext& context);

}  // namespace atlas::ops

// How a gradient goes backwards through one node: the vector-Jacobian products of operators.
#pragma once

#include <vector>

#include "atlas/graph/builder.h"

namespace atlas {

/// A node with one output, and the gradient of some scalar with respect to that output.
struct GradientStep {
  GraphBuilder& builder;
  Node node;                 // a copy: adding nodes moves the graph's own
  ValueId gradient;          // of the shape of the output
  std::vector<bool> wanted;  // for each input, whether its gradient is asked for

  ValueId input(std::size_t i) const { return node.inputs[i]; }
  ValueId output() const { return node.outputs[0]; }
  /// A new node of the domain ai.onnx.
  ValueId op(std::string_view name, std::vector<ValueId> inputs) const {
    return builder.op(name, std::move(inputs));
  }
  /// A scalar of the element type of input 0.
  ValueId scalar(double value) const;
};

/// The gradients with respect to the inputs, in the shape of the output where the operator broadcasts; None
/// where not wanted.
using GradientRule = std::vector<ValueId> (*)(const GradientStep&);

/// nullptr where the operator has none.
GradientRule find_gradient_rule(const Node& node);

}  // namespace atlas

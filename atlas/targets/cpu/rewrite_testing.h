// What the tests of rewritten graphs share: that a graph gives what it gave, and what of it is left.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "atlas/base/function_ref.h"
#include "atlas/graph/verify.h"
#include "atlas/ops/infer.h"
#include "atlas/ops/interpreter.h"
#include "atlas/tensor/compare.h"

namespace atlas::cpu {

/// Checks that `rewrite` leaves a graph sound and its answers to `inputs` as they were.
inline void check_rewrite(Graph& graph, const OpRegistry& ops, const std::vector<Datum>& inputs,
                          FunctionRef<void()> rewrite, const Tolerance& tolerance) {
  const std::vector<Datum> before = interpret(graph, ops, inputs);
  rewrite();
  verify(graph);
  infer_types(graph, ops);
  const std::vector<Datum> after = interpret(graph, ops, inputs);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(difference(after[i], before[i], tolerance), "");
}

/// Numbers from -3 to 3.7 times `scale`, in turn.
inline Tensor counted(const Shape& shape, float scale) {
  Tensor out(DType::F32, shape);
  float next = -3;
  for (float& value : out.values_mutable<float>()) {
    value = next * scale;
    next = next > 3 ? next - 6.3f : next + 0.7f;
  }
  return out;
}

/// The nodes that the outputs need, in order.
inline std::vector<NodeId> needed_nodes(const Graph& graph) {
  std::vector<NodeId> out;
  std::set<ValueId> needed(graph.outputs.begin(), graph.outputs.end());
  const std::vector<NodeId> order = graph.order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    const Node& node = graph.node(*id);
    if (!needed.contains(node.outputs[0])) continue;
    needed.insert(node.inputs.begin(), node.inputs.end());
    out.insert(out.begin(), *id);
  }
  return out;
}

}  // namespace atlas::cpu

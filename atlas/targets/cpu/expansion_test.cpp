// Which nodes are replaced by simpler ones, and which stay.
#include "atlas/targets/cpu/expansion.h"

#include <gmock/gmock.h>

#include "atlas/graph/builder.h"
#include "atlas/ops/infer.h"

namespace atlas::cpu {
namespace {

using testing::ElementsAre;

const OpRegistry& registry() {
  static const OpRegistry ops = standard_ops();
  return ops;
}

// The operators left of y = op(x).
std::vector<std::string> expanded(const char* op, DType dtype, Attributes attributes) {
  Graph graph;
  const ValueId x = graph.add_input("x", Type::tensor(dtype, Dims{Dim::symbol("N"), 3}));
  graph.outputs = {GraphBuilder(graph).op(op, {x}, std::move(attributes))};
  const ValueId y = graph.outputs[0];
  infer_types(graph, registry());
  expand_nodes_without_kernel(graph, registry());
  EXPECT_EQ(graph.outputs[0], y);
  EXPECT_EQ(text(graph.value(y).type), text(graph.value(x).type));
  std::vector<std::string> out;
  for (const NodeId id : graph.order()) out.push_back(graph.node(id).op);
  return out;
}

TEST(Expansion, ReplacesNodesThatHaveNoKernel) {
  EXPECT_THAT(expanded("Swish", DType::F32, {{"alpha", 0.5f}}), ElementsAre("Mul", "Sigmoid", "Mul"));
}

TEST(Expansion, KeepsNodesWithAKernel) {
  EXPECT_THAT(expanded("Swish", DType::F32, {}), ElementsAre("Swish"));
}

TEST(Expansion, KeepsNodesWhoseDecompositionHasNoKernelEither) {
  EXPECT_THAT(expanded("Swish", DType::F64, {}), ElementsAre("Swish"));
}

}  // namespace
}  // namespace atlas::cpu

// Type inference over a whole graph, nested graphs included.
#pragma once

#include "atlas/graph/graph.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/ops.h"

namespace atlas {

/// Checks every node against its schema and sets the type of every value that follows from the graph's inputs
/// and constants, replacing symbols by what operators say about them. Types that a file states are kept where
/// nothing better is found. Nodes of operators that the registry lacks, and calls of functions, leave their
/// outputs as stated. Throws InvalidArgument, naming the node, where something does not fit.
void infer_types(Graph& graph, const OpRegistry& registry);

/// The same; then calls `visit` with each value of the top graph whose content is known as plain numbers
/// (sizes computed from known shapes, say) without being a constant yet.
using ContentVisitor = std::function<void(Graph&, ValueId, const std::vector<std::int64_t>&)>;
void infer_types(Graph& graph, const OpRegistry& registry, const ContentVisitor& visit);

/// Types that a node's outputs get from these inputs.
std::vector<Knowledge> infer_node(const OpDef& op, Node& node, std::vector<Knowledge> inputs,
                                  InferContext::InferBody infer_body);

}  // namespace atlas

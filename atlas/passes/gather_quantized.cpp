// Rows looked up in a table of 8-bit weights are widened after they are looked up, not the whole table
// before.
#include "atlas/graph/builder.h"
#include "atlas/graph/match.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

// One scale for each row, as [rows, 1, ...]: looked up like the rows, it spreads over them.
Tensor row_scales(const Tensor& scale, std::size_t rank) {
  Shape shape(rank, 1);
  shape[0] = scale.dim(0);
  return scale.reshaped(std::move(shape));
}

bool rewrite(Graph& graph, const Matcher& match, NodeId id) {
  const Node gather = graph.node(id);
  if (!gather.domain.empty() || gather.op != "Gather" || gather.attributes.integer("axis", 0) != 0)
    return false;
  const Node* found = match.maker(gather.inputs[0], "DequantizeLinear");
  if (found == nullptr) return false;
  const Node widen = *found;
  const bool has_zero = widen.inputs.size() > 2 && widen.inputs[2] != ValueId::None;
  if (!graph.is_constant(widen.inputs[0]) || !graph.is_constant(widen.inputs[1]) ||
      (has_zero && !graph.is_constant(widen.inputs[2])) || widen.attributes.integer("block_size", 0) != 0)
    return false;
  const Tensor& table = graph.value(widen.inputs[0]).constant;
  const Tensor scale = graph.value(widen.inputs[1]).constant;
  const DType dtype = graph.value(gather.outputs[0]).type.dtype;
  const bool by_row = scale.rank() == 1 && widen.attributes.integer("axis", 1) == 0 && !has_zero &&
                      scale.dtype() == dtype && table.rank() > 0 && scale.dim(0) == table.dim(0);
  if (scale.rank() != 0 && !by_row) return false;

  const ValueId rows_table = widen.inputs[0];
  const std::size_t rank = table.rank();
  GraphBuilder builder(graph, gather.name);
  Node last;
  last.name = gather.name;
  last.outputs = gather.outputs;
  graph.erase_node(id);
  if (match.has_one_use(gather.inputs[0])) graph.erase_node(match.maker_id(gather.inputs[0]));
  const ValueId rows = builder.op("Gather", {rows_table, gather.inputs[1]});
  if (by_row) {
    last.op = "Mul";
    const ValueId scales = builder.constant(row_scales(scale, rank));
    last.inputs = {builder.op("Cast", {rows}, {{"to", static_cast<std::int64_t>(dtype)}}),
                   builder.op("Gather", {scales, gather.inputs[1]})};
  } else {
    last.op = "DequantizeLinear";
    last.inputs = widen.inputs;
    last.inputs[0] = rows;
    last.attributes = widen.attributes;
  }
  graph.add_node(std::move(last));
  return true;
}

bool edit(Graph& graph) {
  bool changed = false;
  const Matcher match(graph);
  for (const NodeId id : graph.order()) changed = rewrite(graph, match, id) || changed;
  return changed;
}

}  // namespace

bool gather_quantized(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, edit);
}

}  // namespace atlas

// Weights of 8 bits that exporters widen by hand, a Cast and a product with scales, become DequantizeLinear.
#include <algorithm>
#include <optional>

#include "atlas/graph/match.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

/// The one axis along which a tensor of `shape` differs when it is spread over `over`; 0 where it is one
/// number. Nothing where there are several, or where it does not fit.
std::optional<std::size_t> scale_axis(const Shape& shape, const Shape& over) {
  if (shape.size() > over.size()) return std::nullopt;
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t at = over.size() - shape.size() + i;
    if (shape[i] == 1) continue;
    if (shape[i] != over[at] || axis) return std::nullopt;
    axis = at;
  }
  return axis.value_or(0);
}

std::optional<Node> dequantize(Graph& graph, const Matcher& match, const Node& mul) {
  for (const ValueId scale_id : mul.inputs) {
    const Node* cast = match.maker(Matcher::other_input(mul, scale_id), "Cast");
    if (cast == nullptr || !graph.is_constant(cast->inputs[0]) || !graph.is_constant(scale_id)) continue;
    const Tensor& levels = graph.value(cast->inputs[0]).constant;
    const Tensor scale = graph.value(scale_id).constant;
    if ((levels.dtype() != DType::I8 && levels.dtype() != DType::U8) || scale.dtype() != DType::F32 ||
        graph.value(cast->outputs[0]).type.dtype != DType::F32)
      continue;
    const std::optional<std::size_t> axis = scale_axis(scale.shape(), levels.shape());
    if (!axis) continue;
    const auto count = static_cast<std::int64_t>(scale.element_count());
    const Shape list = count == 1 ? Shape{} : Shape{count};
    Node out;
    out.name = mul.name;
    out.op = "DequantizeLinear";
    out.inputs = {cast->inputs[0], graph.add_constant("scale", scale.reshaped(list))};
    out.outputs = mul.outputs;
    out.attributes.set("axis", static_cast<std::int64_t>(*axis));
    return out;
  }
  return std::nullopt;
}

bool recognize(Graph& graph) {
  bool changed = false;
  const Matcher match(graph);
  for (const NodeId id : graph.order()) {
    const Node node = graph.node(id);
    if (!node.domain.empty() || node.op != "Mul") continue;
    std::optional<Node> found = dequantize(graph, match, node);
    if (!found) continue;
    graph.erase_node(id);
    for (const ValueId input : node.inputs)  // the Cast, lest it be computed for nobody
      if (match.maker(input, "Cast") != nullptr && match.has_one_use(input))
        graph.erase_node(match.maker_id(input));
    graph.add_node(std::move(*found));
    changed = true;
  }
  return changed;
}

}  // namespace

bool recognize_dequantize(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, recognize);
}

}  // namespace atlas

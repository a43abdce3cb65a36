// A fixed point over types: each pass weakens what the body was seen to change.
#include "atlas/ops/loop_body.h"

#include "atlas/ops/concatenate.h"

namespace atlas {
namespace {

bool nests_deeper(const Graph& graph, int limit) {
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    bool deeper = false;
    for_each_subgraph(graph.node(NodeId{static_cast<std::int32_t>(i)}), [&](const Graph& inner) {
      deeper = deeper || limit == 0 || nests_deeper(inner, limit - 1);
    });
    if (deeper) return true;
  }
  return false;
}

// All that no run can change.
Type without_dims(Type type) {
  type.dims.reset();
  for (Type& element : type.element) element = without_dims(std::move(element));
  return type;
}

}  // namespace

CarriedTypes infer_carried(InferContext& context, std::vector<Type> inputs, std::size_t first,
                           std::size_t count) {
  const auto* body = context.node().attributes.get<Box<Graph>>("body");
  context.check(body != nullptr, "expected a graph as attribute 'body'");
  context.check((*body)->outputs.size() >= count, "expected {} outputs or more of graph 'body', got {}",
                count, (*body)->outputs.size());
  // A pass sets types inside the body, which the next must not find. Passes multiply with the depth of loops
  // in loops: deep nests get the one pass that knows least.
  constexpr int kDeep = 4;
  constexpr int kPasses = 4;
  const Graph untouched = **body;
  int passes_left = nests_deeper(untouched, kDeep) ? 0 : kPasses;
  while (true) {
    if (passes_left == 0)
      for (std::size_t i = first; i < first + count; ++i) inputs[i] = without_dims(inputs[i]);
    CarriedTypes result{inputs, context.infer_body("body", inputs)};
    bool settled = true;
    for (std::size_t i = 0; i < count; ++i) {
      Type& carried = inputs[first + i];
      const Type merged = merge(carried, result.outputs[i].type, describe(context.node()));
      settled = settled && same(merged, carried);
      carried = merged;
    }
    if (settled || passes_left == 0) return {std::move(inputs), std::move(result.outputs)};
    --passes_left;
    context.restore_body("body", untouched);
  }
}

Tensor collected(const ReferenceContext& context, std::size_t i, const std::vector<Datum>& values,
                 std::int64_t axis, const Type& body) {
  if (!values.empty()) {
    std::vector<Tensor> parts;
    for (const Datum& value : values) {
      if (!value.is_tensor())
        context.check(false, "expected tensors to collect in output {}, got {}", i, text(value));
      parts.push_back(value.tensor());
    }
    return stacked(parts, context.axis(axis, parts[0].rank() + 1), describe(context.node()));
  }
  const Type known = context.output_type(i);
  const DType dtype = known.dtype != DType::Undefined ? known.dtype : body.dtype;
  context.check(dtype != DType::Undefined, "no run gave output {}, and its type is not known", i);
  Shape shape = {0};
  if (known.dims) {
    shape.clear();
    for (const Dim& dim : *known.dims) shape.push_back(dim.is_constant() ? dim.value() : 0);
    if (!shape.empty()) shape[context.axis(axis, shape.size())] = 0;
  }
  return Tensor(dtype, std::move(shape));
}

}  // namespace atlas

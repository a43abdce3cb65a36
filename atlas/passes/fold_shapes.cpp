// Values that follow from known shapes alone (Shape, Gather, Concat, ... of sizes) become constants.
#include <algorithm>

#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/elements.h"

namespace atlas {

bool fold_shapes(Graph& graph, const OpRegistry& ops) {
  struct Known {
    ValueId value;
    std::vector<std::int64_t> numbers;
  };
  std::vector<Known> found;
  infer_types(graph, ops, [&](Graph&, ValueId id, const std::vector<std::int64_t>& numbers) {
    found.push_back({id, numbers});
  });
  for (const Known& known : found) {
    Value& value = graph.value(known.value);
    const bool is_scalar = value.type.dims && value.type.dims->empty();
    const Shape shape = is_scalar ? Shape{} : Shape{static_cast<std::int64_t>(known.numbers.size())};
    if (!value.type.dims || !is_integer(value.type.dtype) || value.type.dims->size() > 1) continue;
    Node& producer = graph.node(value.producer);
    std::ranges::replace(producer.outputs, known.value, ValueId::None);
    value.producer = NodeId::None;
    value.constant = from_ints(value.type.dtype, shape, known.numbers);
  }
  return !found.empty();
}

}  // namespace atlas

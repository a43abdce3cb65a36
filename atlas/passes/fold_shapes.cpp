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
  // The producers are left to lose their last user.
  const std::vector<std::vector<NodeId>> consumers = graph.consumers();
  bool changed = false;
  for (const Known& known : found) {
    const Value value = graph.value(known.value);
    const bool is_output = std::ranges::find(graph.outputs, known.value) != graph.outputs.end();
    if (consumers[index(known.value)].empty() || is_output || !is_integer(value.type.dtype) ||
        !value.type.dims || value.type.dims->size() > 1)
      continue;
    const Shape shape =
        value.type.dims->empty() ? Shape{} : Shape{static_cast<std::int64_t>(known.numbers.size())};
    graph.replace_uses(known.value,
                       graph.add_constant(value.name, from_ints(value.type.dtype, shape, known.numbers)));
    changed = true;
  }
  return changed;
}

}  // namespace atlas

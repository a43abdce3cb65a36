// Nodes whose inputs are all constants are run once, now; but weights of 8 bits stay that small.
#include <algorithm>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/ops/interpreter.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

// A result may be this large, or this many times what it is made from (weights of 4 bits that become f32),
// and all of one level together this large: a small file must not grow without end.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxGrowth = 8;
constexpr std::size_t kMaxTotalBytes = std::size_t{512} << 20;

std::optional<std::size_t> known_bytes(const Type& type) {
  if (!type.is_tensor() || !type.dims || type.dtype == DType::Undefined) return std::nullopt;
  const auto shape = constant_shape(*type.dims);
  if (!shape) return std::nullopt;
  if (std::ranges::any_of(*shape, [](std::int64_t extent) { return extent < 0; })) return std::nullopt;
  const std::size_t count = element_count(*shape);
  return type.dtype == DType::String ? count * sizeof(std::string) : byte_size(type.dtype, count);
}

// The right side of a product, or the weights of a convolution of what was 8 bits too, in 8 bits: targets
// widen them as they pack them or multiply them as they are, so that they are not in memory twice, and a file
// is not read four times as large as it is.
bool is_quantized_weight(const Graph& graph, const Node& node,
                         const std::vector<std::vector<NodeId>>& users) {
  if (!node.domain.empty() || node.op != "DequantizeLinear" || node.attributes.integer("block_size", 0) != 0)
    return false;
  const Type& weight = graph.value(node.inputs[0]).type;
  const ValueId out = node.outputs[0];
  if ((weight.dtype != DType::I8 && weight.dtype != DType::U8) || !weight.dims || weight.dims->size() < 2 ||
      graph.value(out).type.dtype != DType::F32 ||
      std::ranges::find(graph.outputs, out) != graph.outputs.end())
    return false;
  return std::ranges::all_of(users[index(out)], [&](NodeId id) {
    const Node& user = graph.node(id);
    if (!user.domain.empty() || user.inputs.size() < 2 || user.inputs[1] != out ||
        std::ranges::count(user.inputs, out) != 1)
      return false;
    if (weight.dims->size() == 2) return user.op == "MatMul" || user.op == "Gemm";
    const NodeId maker = graph.value(user.inputs[0]).producer;
    return user.op == "Conv" && maker != NodeId::None && graph.node(maker).domain.empty() &&
           graph.node(maker).op == "DequantizeLinear";
  });
}

bool is_foldable(const Graph& graph, const Node& node, const OpRegistry& ops) {
  const OpDef* op = ops.find(node);
  if (op == nullptr || op->reference == nullptr || op->nondeterministic) return false;
  std::size_t input_bytes = 0;
  for (const ValueId input : node.inputs) {
    if (input == ValueId::None) continue;
    if (!graph.is_constant(input)) return false;
    input_bytes += graph.value(input).constant.size_bytes();
  }
  bool nested = false;
  for_each_subgraph(node, [&](const Graph&) { nested = true; });
  if (nested) return false;
  return std::ranges::all_of(node.outputs, [&](ValueId output) {
    if (output == ValueId::None) return true;
    const std::optional<std::size_t> bytes = known_bytes(graph.value(output).type);
    return bytes && *bytes <= std::max(kMaxBytes, kMaxGrowth * input_bytes);
  });
}

bool fold(Graph& graph, const OpRegistry& ops) {
  bool changed = false;
  std::size_t total_bytes = 0;
  const std::vector<std::vector<NodeId>> users = graph.consumers();
  for (const NodeId id : graph.order()) {
    const Node node = graph.node(id);
    if (!is_foldable(graph, node, ops) || is_quantized_weight(graph, node, users)) continue;
    std::vector<Datum> inputs;
    for (const ValueId input : node.inputs)
      inputs.push_back(input == ValueId::None ? Datum() : Datum(graph.value(input).constant));
    std::vector<Datum> results;
    try {
      results = run_reference(ops, node, inputs, {});
    } catch (const Error&) {
      continue;  // bad data is reported by the run that meets it, and only if it does
    }
    if (!std::ranges::all_of(results, [](const Datum& r) { return r.is_empty() || r.is_tensor(); })) continue;
    for (const Datum& result : results)
      if (result.is_tensor()) total_bytes += result.tensor().size_bytes();
    if (total_bytes > kMaxTotalBytes) break;
    graph.erase_node(id);
    for (std::size_t i = 0; i < results.size(); ++i)
      if (node.outputs[i] != ValueId::None) graph.value(node.outputs[i]).constant = results[i].tensor();
    changed = true;
  }
  return changed;
}

}  // namespace

bool fold_constants(Graph& graph, const OpRegistry& ops) {
  return edit_all_levels(graph, [&](Graph& level) { return fold(level, ops); });
}

}  // namespace atlas

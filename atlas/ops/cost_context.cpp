// Traffic of a node from its types.
#include "atlas/ops/cost_context.h"

#include <numeric>

#include "atlas/base/error.h"

namespace atlas {
namespace {

std::vector<std::int64_t> shape_of(const Type& type, const Node& node) {
  auto shape = type.dims ? constant_shape(*type.dims) : std::nullopt;
  if (!shape)
    fail(ErrorCode::InvalidArgument, "{}: its cost needs known shapes, got {}", describe(node), text(type));
  return *std::move(shape);
}

double elements(const std::vector<std::int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), 1.0,
                         [](double a, std::int64_t b) { return a * static_cast<double>(b); });
}

double bytes(const Type& type, const Node& node) {
  if (!type.is_tensor()) return 0;
  // A string is counted by its handle.
  const double width = type.dtype == DType::String ? 8.0 * sizeof(std::string) : bits(type.dtype);
  return elements(shape_of(type, node)) * width / 8;
}

bool is_sized(const Type& type) {
  return type.is_tensor() && type.dims && constant_shape(*type.dims);
}

}  // namespace

double Cost::total_operations() const {
  return std::accumulate(operations.begin(), operations.end(), 0.0);
}

std::vector<std::int64_t> CostContext::input_shape(std::size_t i) const {
  return shape_of(inputs_.at(i), node_);
}
std::vector<std::int64_t> CostContext::output_shape(std::size_t i) const {
  return shape_of(outputs_.at(i), node_);
}
double CostContext::output_elements(std::size_t i) const {
  return elements(output_shape(i));
}

std::int64_t CostContext::integer(std::string_view name, std::int64_t otherwise) const {
  const Attribute* found = op_.schema.attribute(node_, name);
  const auto* value = found ? std::get_if<std::int64_t>(found) : nullptr;
  return value ? *value : otherwise;
}

Cost CostContext::traffic() const {
  Cost cost;
  for (const Type& type : inputs_) cost.bytes_read += bytes(type, node_);
  for (const Type& type : outputs_) cost.bytes_written += bytes(type, node_);
  return cost;
}

Cost cost_of(const OpDef& op, const CostContext& context) {
  if (op.cost != nullptr) return op.cost(context);
  Cost cost = context.traffic();
  for (std::size_t i = 0; i < context.node().outputs.size(); ++i)
    if (context.node().outputs[i] != ValueId::None && context.output_dtype(i) != DType::Undefined)
      cost.operations[static_cast<std::size_t>(context.output_dtype(i))] += context.output_elements(i);
  return cost;
}

std::optional<Cost> cost_of_node(const Graph& graph, const Node& node, const OpRegistry& ops) {
  const OpDef* op = ops.find(node);
  if (op == nullptr) return std::nullopt;
  bool sized = true;
  const auto types_of = [&](const std::vector<ValueId>& ids) {
    std::vector<Type> types;
    for (const ValueId id : ids) {
      types.push_back(id == ValueId::None ? Type{} : graph.value(id).type);
      sized = sized && (id == ValueId::None || is_sized(types.back()));
    }
    return types;
  };
  std::vector<Type> inputs = types_of(node.inputs);
  std::vector<Type> outputs = types_of(node.outputs);
  if (!sized) return std::nullopt;
  return cost_of(*op, CostContext(*op, node, std::move(inputs), std::move(outputs)));
}

}  // namespace atlas

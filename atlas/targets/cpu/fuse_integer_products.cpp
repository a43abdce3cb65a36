// What exporters write behind MatMulInteger: a Cast, a product with both scales, a bias.
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/neighbours.h"

namespace atlas::cpu {
namespace {

bool is_single(const Type& type) {
  return type.is_tensor() && type.dtype == DType::F32 && type.dims &&
         (type.dims->empty() || (type.dims->size() == 1 && (*type.dims)[0] == Dim(1)));
}

bool is_list(const Type& type, const Dim& count) {
  return type.is_tensor() && type.dtype == DType::F32 && type.dims && type.dims->size() == 1 &&
         (*type.dims)[0] == count;
}

ValueId other_input(const Node& node, ValueId value) {
  return node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
}

void fuse(Graph& graph, const Neighbours& near, NodeId id) {
  const Node product = graph.node(id);
  if (!product.domain.empty() || product.op != "MatMulInteger") return;
  const std::optional<Dims> right = graph.value(product.inputs[1]).type.dims;
  if (!right || right->size() < 2) return;
  const Dim columns = right->back();
  std::vector<NodeId> taken = {id};
  ValueId value = product.outputs[0];
  const auto next = [&](std::string_view op) -> const Node* {
    const NodeId user = near.only_user(value);
    if (user == NodeId::None || !graph.node(user).domain.empty() || graph.node(user).op != op) return nullptr;
    return &graph.node(user);
  };
  const auto take = [&] {
    taken.push_back(near.only_user(value));
    value = graph.node(taken.back()).outputs[0];
  };

  if (!next("Cast") || graph.value(next("Cast")->outputs[0]).type.dtype != DType::F32) return;
  take();
  const Node* scaled = next("Mul");
  if (!scaled) return;
  const Node* scale = near.maker(other_input(*scaled, value), "Mul");
  if (!scale) return;
  const auto type = [&](ValueId of) -> const Type& { return graph.value(of).type; };
  std::vector<ValueId> scales = scale->inputs;
  if (!is_single(type(scales[0]))) std::swap(scales[0], scales[1]);
  if (!is_single(type(scales[0])) || !(is_single(type(scales[1])) || is_list(type(scales[1]), columns)))
    return;
  take();
  ValueId bias = ValueId::None;
  if (const Node* add = next("Add"); add && is_list(type(other_input(*add, value)), columns)) {
    bias = other_input(*add, value);
    take();
  }

  const auto zero = [&](std::size_t i) {
    return i < product.inputs.size() ? product.inputs[i] : ValueId::None;
  };
  for (const NodeId node : taken) graph.erase_node(node);
  graph.add_node(
      {.domain = "com.microsoft",
       .op = "MatMulIntegerToFloat",
       .name = product.name,
       .inputs = {product.inputs[0], product.inputs[1], scales[0], scales[1], zero(2), zero(3), bias},
       .outputs = {value}});
}

}  // namespace

void fuse_integer_products(Graph& graph) {
  const Neighbours near(graph);
  for (const NodeId id : graph.order())
    if (!graph.is_erased(id)) fuse(graph, near, id);
}

}  // namespace atlas::cpu

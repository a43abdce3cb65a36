// Fusion of what stands behind a convolution or a product of matrices.
#include <algorithm>
#include <limits>
#include <optional>

#include "atlas/targets/cpu/lowering.h"

namespace atlas::cpu {
namespace {

struct Activated {
  std::string name;  // as FusedConv has it
  std::vector<float> parameters;
};

std::optional<float> number(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return std::nullopt;
  const Tensor& constant = graph.value(value).constant;
  if (constant.dtype() != DType::F32 || constant.element_count() != 1) return std::nullopt;
  return constant.values<float>()[0];
}

// A bound of Clip: `otherwise` where it is left out, nothing where it is no constant.
std::optional<float> bound(const Graph& graph, const Node& node, std::size_t i, float otherwise) {
  if (i >= node.inputs.size() || node.inputs[i] == ValueId::None) return otherwise;
  return number(graph, node.inputs[i]);
}

std::optional<Activated> activation(const Graph& graph, const Node& node) {
  if (!node.domain.empty()) return std::nullopt;
  const Attributes& attributes = node.attributes;
  if (node.op == "Relu" || node.op == "Sigmoid" || node.op == "Tanh" || node.op == "HardSwish")
    return Activated{node.op, {}};
  if (node.op == "LeakyRelu") return Activated{node.op, {attributes.real("alpha", 0.01f)}};
  if (node.op == "HardSigmoid")
    return Activated{node.op, {attributes.real("alpha", 0.2f), attributes.real("beta", 0.5f)}};
  if (node.op == "Swish" && attributes.real("alpha", 1) == 1) return Activated{node.op, {}};
  if (node.op == "Gelu")
    return Activated{attributes.string("approximate", "none") == "tanh" ? "FastGelu" : "Gelu", {}};
  if (node.op == "Clip") {
    const auto low = bound(graph, node, 1, -std::numeric_limits<float>::infinity());
    const auto high = bound(graph, node, 2, std::numeric_limits<float>::infinity());
    if (low && high) return Activated{node.op, {*low, *high}};
  }
  return std::nullopt;
}

bool same_f32(const Type& a, const Type& b) {
  return a.is_tensor() && b.is_tensor() && a.dtype == DType::F32 && b.dtype == DType::F32 && a.dims &&
         b.dims && *a.dims == *b.dims;
}

bool is_matrix(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return false;
  const Tensor& constant = graph.value(value).constant;
  return constant.dtype() == DType::F32 && constant.rank() == 2;
}

// A constant that has one number for each column of `y`.
bool is_row(const Graph& graph, ValueId value, const Type& y) {
  if (!graph.is_constant(value) || !y.dims || y.dims->empty()) return false;
  const Tensor& constant = graph.value(value).constant;
  return constant.dtype() == DType::F32 && constant.rank() >= 1 && constant.rank() <= y.dims->size() &&
         Dim(constant.shape().back()) == y.dims->back() &&
         static_cast<std::int64_t>(constant.element_count()) == constant.shape().back();
}

class EpilogueFuser {
 public:
  explicit EpilogueFuser(Graph& graph) : graph_(graph), consumers_(graph.consumers()) {}

  void fuse(NodeId id) {
    std::optional<Node> fused = conv(graph_.node(id));
    if (!fused) fused = linear(graph_.node(id));
    if (!fused) return;
    taken_ = {id};
    if (fused->op == "Linear") {
      skip_reshapes(*fused);
      take_sum(*fused, 2, [&](ValueId other, ValueId y) {
        return fused->inputs[2] == ValueId::None && is_row(graph_, other, graph_.value(y).type);
      });
    }
    take_sum(*fused, 3, [&](ValueId other, ValueId y) {
      return same_f32(graph_.value(y).type, graph_.value(other).type);
    });
    if (const NodeId next = only_user(fused->outputs[0]); next != NodeId::None) {
      const Node& node = graph_.node(next);
      const auto found = activation(graph_, node);
      if (found && node.inputs[0] == fused->outputs[0]) {
        fused->attributes.set("activation", found->name);
        if (!found->parameters.empty()) fused->attributes.set("activation_params", found->parameters);
        take(*fused, next);
      }
    }
    if (taken_.size() == 1) return;
    for (const NodeId node : taken_) graph_.erase_node(node);
    graph_.add_node(std::move(*fused));
  }

 private:
  bool is_f32(const Node& node) const { return graph_.value(node.outputs[0]).type.dtype == DType::F32; }

  std::optional<Node> conv(const Node& node) const {
    if (!node.domain.empty() || node.op != "Conv" || !is_f32(node)) return std::nullopt;
    Node fused = node;
    fused.domain = "com.microsoft";
    fused.op = "FusedConv";
    fused.inputs.resize(4, ValueId::None);
    return fused;
  }

  // A product with a constant matrix on the right.
  std::optional<Node> linear(const Node& node) const {
    if (!node.domain.empty() || (node.op != "MatMul" && node.op != "Gemm") || !is_f32(node) ||
        !is_matrix(graph_, node.inputs[1]))
      return std::nullopt;
    const std::optional<Dims>& dims = graph_.value(node.inputs[0]).type.dims;
    if (!dims || dims->size() < 2) return std::nullopt;
    Node fused{"atlas", "Linear", node.name, {node.inputs[0], node.inputs[1]}, node.outputs, {}};
    fused.inputs.resize(4, ValueId::None);
    if (node.op == "MatMul") return fused;
    const Attributes& given = node.attributes;
    if (given.integer("transA", 0) != 0 || given.real("alpha", 1) != 1) return std::nullopt;
    if (node.inputs.size() > 2 && node.inputs[2] != ValueId::None) {
      if (given.real("beta", 1) != 1 || !is_row(graph_, node.inputs[2], graph_.value(node.outputs[0]).type))
        return std::nullopt;
      fused.inputs[2] = node.inputs[2];
    }
    if (given.integer("transB", 0) != 0) fused.attributes.set("transB", std::int64_t{1});
    return fused;
  }

  // Gemm wants matrices: exporters flatten the axes in front of the last before it, and restore them behind.
  // Here they are restored before the product, which costs nothing, so that what follows joins it.
  void skip_reshapes(Node& fused) {
    const NodeId behind = only_user(fused.outputs[0]);
    if (behind == NodeId::None || graph_.node(behind).op != "Reshape") return;
    const Dims flat = *graph_.value(fused.inputs[0]).type.dims;
    const Type restored = graph_.value(graph_.node(behind).outputs[0]).type;
    if (!restored.dims || restored.dims->size() < 2 ||
        restored.dims->back() != graph_.value(fused.outputs[0]).type.dims->back())
      return;
    Dims wanted = *restored.dims;
    wanted.back() = flat.back();
    const NodeId before = graph_.value(fused.inputs[0]).producer;
    const ValueId whole = before != NodeId::None && graph_.node(before).op == "Reshape"
                              ? graph_.node(before).inputs[0]
                              : ValueId::None;
    if (whole != ValueId::None && graph_.value(whole).type.dims == wanted) {
      fused.inputs[0] = whole;
    } else {
      const std::optional<Shape> shape = constant_shape(wanted);
      if (!shape) return;
      fused.inputs[0] = reshaped(fused.inputs[0], *shape);
    }
    take(fused, behind);
  }

  ValueId reshaped(ValueId x, const Shape& shape) {
    const std::string name = graph_.value(x).name + "/restored";
    const Type type = Type::tensor(graph_.value(x).type.dtype, dims_of(shape));
    const ValueId sizes = graph_.add_constant(name + "/sizes", Tensor::of_ints(shape));
    const ValueId y = graph_.add_value(name, type);
    graph_.add_node({"", "Reshape", "", {x, sizes}, {y}, {}});
    return y;
  }

  // The sum behind with what `fits` allows becomes input `place`.
  template <typename Fits>
  void take_sum(Node& fused, std::size_t place, const Fits& fits) {
    const ValueId y = fused.outputs[0];
    const NodeId next = only_user(y);
    if (next == NodeId::None) return;
    const Node& node = graph_.node(next);
    if (!node.domain.empty() || node.op != "Add" || node.inputs[0] == node.inputs[1]) return;
    const ValueId other = node.inputs[0] == y ? node.inputs[1] : node.inputs[0];
    if (!fits(other, y)) return;
    fused.inputs[place] = other;
    take(fused, next);
  }

  void take(Node& fused, NodeId next) {
    taken_.push_back(next);
    fused.outputs = graph_.node(next).outputs;
  }

  NodeId only_user(ValueId value) const {
    const bool is_output = std::ranges::find(graph_.outputs, value) != graph_.outputs.end();
    const std::vector<NodeId>& users = consumers_[index(value)];
    if (is_output || users.size() != 1 || graph_.is_erased(users[0])) return NodeId::None;
    return users[0];
  }

  Graph& graph_;
  std::vector<std::vector<NodeId>> consumers_;
  std::vector<NodeId> taken_;  // whose work the fused node does
};

}  // namespace

void fuse_epilogues(Graph& graph) {
  EpilogueFuser fuser(graph);
  for (const NodeId id : graph.order())
    if (!graph.is_erased(id)) fuser.fuse(id);
}

}  // namespace atlas::cpu

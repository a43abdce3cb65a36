// Constant weights as kernels pack them: in f32, widened from fewer bits where the model keeps them so.
#include "atlas/targets/cpu/kernel.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

/// An 8-bit matrix and what widens it: (level - zero) * scale, one pair for all or one for each row or
/// column.
struct QuantizedMatrix {
  Tensor levels;
  Tensor scale;  // F32
  std::vector<std::int64_t> zeros;
  bool by_row = false;
};

template <typename T>
void widen(const QuantizedMatrix& matrix, Tensor& to) {
  const T* from = matrix.levels.values<T>().data();
  const std::span<const float> scales = matrix.scale.values<float>();
  float* out = to.values_mutable<float>().data();
  const auto rows = static_cast<std::size_t>(to.dim(0));
  const auto columns = static_cast<std::size_t>(to.dim(1));
  std::vector<float> scale(columns), zero(columns);
  for (std::size_t i = 0; i < rows; ++i) {
    if (i == 0 || matrix.by_row)
      for (std::size_t j = 0; j < columns; ++j) {
        const std::size_t at = scales.size() == 1 ? 0 : matrix.by_row ? i : j;
        scale[j] = scales[at];
        zero[j] = static_cast<float>(matrix.zeros[at]);
      }
    for (std::size_t j = 0; j < columns; ++j)
      out[i * columns + j] = (static_cast<float>(from[i * columns + j]) - zero[j]) * scale[j];
  }
}

// The node that makes input `i` of `node`, where it may be one that widens constants.
const Node* maker_of(const Graph& graph, const Node& node, std::size_t i) {
  const NodeId maker = i < node.inputs.size() && node.inputs[i] != ValueId::None
                           ? graph.value(node.inputs[i]).producer
                           : NodeId::None;
  return maker == NodeId::None ? nullptr : &graph.node(maker);
}

// Nothing where the node is another, or bad: its own kernel says what is wrong with it.
std::optional<QuantizedMatrix> quantized_matrix(const Graph& graph, const Node& node) {
  if (!node.domain.empty() || node.op != "DequantizeLinear" || node.attributes.integer("block_size", 0) != 0)
    return std::nullopt;
  for (const ValueId input : node.inputs)
    if (input != ValueId::None && !graph.is_constant(input)) return std::nullopt;
  QuantizedMatrix out{graph.value(node.inputs[0]).constant, graph.value(node.inputs[1]).constant, {}, false};
  const bool is_byte = out.levels.dtype() == DType::I8 || out.levels.dtype() == DType::U8;
  if (!is_byte || out.levels.rank() != 2 || out.scale.dtype() != DType::F32 ||
      graph.value(node.outputs[0]).type.dtype != DType::F32)
    return std::nullopt;
  const std::size_t count = out.scale.element_count();
  if (count != 1) {
    const std::int64_t axis = node.attributes.integer("axis", 1);
    if (axis < -2 || axis > 1) return std::nullopt;
    out.by_row = axis == 0 || axis == -2;
    if (out.scale.rank() != 1 || out.scale.dim(0) != out.levels.dim(out.by_row ? 0 : 1)) return std::nullopt;
  }
  out.zeros.assign(count, 0);
  if (node.inputs.size() > 2 && node.inputs[2] != ValueId::None) {
    out.zeros = to_ints(graph.value(node.inputs[2]).constant);
    if (out.zeros.size() != count) return std::nullopt;
  }
  return out;
}

}  // namespace

std::optional<Tensor> NodeView::weight(std::size_t i) const {
  if (const Tensor* given = constant(i)) return *given;
  const Node* maker = maker_of(graph_, node_, i);
  const std::optional<QuantizedMatrix> matrix =
      maker != nullptr ? quantized_matrix(graph_, *maker) : std::nullopt;
  if (!matrix) return std::nullopt;
  if (weights_ != nullptr)
    for (const ValueId input : maker->inputs)
      if (input != ValueId::None) weights_->look_at(graph_, input);
  Tensor out(DType::F32, matrix->levels.shape());
  if (matrix->levels.dtype() == DType::I8) {
    widen<std::int8_t>(*matrix, out);
  } else {
    widen<std::uint8_t>(*matrix, out);
  }
  return out;
}

std::optional<Shape> NodeView::weight_shape(std::size_t i) const {
  if (const std::optional<Shape> given = constant_shape(i)) return given;
  const Node* maker = maker_of(graph_, node_, i);
  const std::optional<QuantizedMatrix> matrix =
      maker != nullptr ? quantized_matrix(graph_, *maker) : std::nullopt;
  if (!matrix) return std::nullopt;
  return matrix->levels.shape();
}

}  // namespace atlas::cpu

// Edits around one node.
#include "atlas/formats/onnx/conversion.h"

#include <algorithm>
#include <array>

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas::onnx {
namespace {

// New values are named after the first output of the node they belong to.
std::string prefix_of(const Graph& graph, const Node& node) {
  for (const ValueId output : node.outputs)
    if (output != ValueId::None) return graph.value(output).name + "/";
  return node.op + "/";
}

DType stated_dtype(const Graph& graph, ValueId value) {
  if (value == ValueId::None) return DType::Undefined;
  const Type& type = graph.value(value).type;
  return type.is_tensor() ? type.dtype : DType::Undefined;
}

// All inputs and the first output are of one element type.
bool is_uniform(const Node& node) {
  static constexpr std::array<std::string_view, 14> kOperators = {
      "Add",    "Clip", "Concat", "Conv", "ConvTranspose", "Div",   "Gemm",
      "MatMul", "Max",  "Mean",   "Min",  "Mul",           "PRelu", "Sub"};
  return node.domain.empty() && std::ranges::find(kOperators, node.op) != kOperators.end();
}

// The first output is of the element type of the first input.
bool keeps_element_type(const Node& node) {
  static constexpr std::array<std::string_view, 30> kOperators = {"AveragePool",  "BatchNormalization",
                                                                  "DepthToSpace", "Dropout",
                                                                  "Elu",          "Exp",
                                                                  "Expand",       "Flatten",
                                                                  "Gather",       "GlobalAveragePool",
                                                                  "HardSigmoid",  "HardSwish",
                                                                  "Identity",     "InstanceNormalization",
                                                                  "LRN",          "LeakyRelu",
                                                                  "MaxPool",      "Pad",
                                                                  "ReduceMean",   "ReduceSum",
                                                                  "Relu",         "Reshape",
                                                                  "Resize",       "Sigmoid",
                                                                  "Slice",        "Softmax",
                                                                  "Squeeze",      "Tanh",
                                                                  "Transpose",    "Unsqueeze"};
  return is_uniform(node) ||
         (node.domain.empty() && std::ranges::find(kOperators, node.op) != kOperators.end());
}

}  // namespace

Conversion::Conversion(Graph& graph, NodeId id)
    : graph_(graph), id_(id), builder_(graph, prefix_of(graph, graph.node(id))) {}

ValueId Conversion::input(std::size_t position) const {
  const std::vector<ValueId>& inputs = graph_.node(id_).inputs;
  return position < inputs.size() ? inputs[position] : ValueId::None;
}

void Conversion::set_input(std::size_t position, ValueId value) {
  std::vector<ValueId>& inputs = node().inputs;
  if (position >= inputs.size()) inputs.resize(position + 1, ValueId::None);
  inputs[position] = value;
}

ValueId Conversion::output(std::size_t position) const {
  const std::vector<ValueId>& outputs = graph_.node(id_).outputs;
  return position < outputs.size() ? outputs[position] : ValueId::None;
}

ValueId Conversion::take_output(std::size_t position) {
  const ValueId taken = output(position);
  require(taken != ValueId::None, "expected an output {}, got none", position);
  const ValueId fresh = graph_.add_value(graph_.value(taken).name + "/" + node().op);
  graph_.value(taken).producer = NodeId::None;
  graph_.value(fresh).producer = id_;
  node().outputs[position] = fresh;
  return taken;
}

void Conversion::make(ValueId made, std::string_view op, std::vector<ValueId> inputs, Attributes attributes) {
  graph_.add_node(
      {"", std::string(op), graph_.value(made).name, std::move(inputs), {made}, std::move(attributes), ""});
}

ValueId Conversion::op(std::string_view op, std::vector<ValueId> inputs, Attributes attributes) {
  return builder_.op(op, std::move(inputs), std::move(attributes));
}

ValueId Conversion::scalar_like(float value, ValueId like) {
  const DType wanted = dtype(like);
  if (is_floating(wanted) || is_integer(wanted))
    return constant(from_doubles(wanted, {}, std::vector<double>{value}));
  return op("CastLike", {constant(Tensor::scalar(value)), like});
}

std::optional<ValueId> Conversion::take(const std::string& name, const char* parameter, DType wanted,
                                        bool scalar) {
  const Attribute* found = attributes().find(name);
  if (found == nullptr) return std::nullopt;
  if (std::holds_alternative<AttributeReference>(*found)) {
    Attribute reference = *found;
    attributes().erase(name);
    return op("Constant", {}, {{parameter, std::move(reference)}});
  }
  Tensor tensor;
  if (wanted == DType::F32) {
    const std::vector<float> values = attributes().reals(name);
    tensor = Tensor::of<float>({static_cast<std::int64_t>(values.size())}, std::span<const float>(values));
  } else {
    const std::vector<std::int64_t> values =
        scalar ? std::vector{attributes().integer(name, 0)} : attributes().integers(name);
    tensor = Tensor::of_ints(values);
    if (scalar) tensor = tensor.reshaped({});
  }
  attributes().erase(name);
  return constant(std::move(tensor));
}

std::optional<ValueId> Conversion::take_integers(const std::string& name) {
  return take(name, "value_ints", DType::I64, false);
}

std::optional<ValueId> Conversion::take_integer(const std::string& name) {
  return take(name, "value_int", DType::I64, true);
}

std::optional<ValueId> Conversion::take_reals(const std::string& name) {
  return take(name, "value_floats", DType::F32, false);
}

std::optional<Tensor> Conversion::constant_of(ValueId value) const {
  if (value == ValueId::None) return std::nullopt;
  if (graph_.is_constant(value)) return graph_.value(value).constant;
  const NodeId producer = graph_.value(value).producer;
  if (producer == NodeId::None || graph_.node(producer).op != "Constant") return std::nullopt;
  for (const auto& [name, attribute] : graph_.node(producer).attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&attribute)) return *tensor;
    if (const auto* integer = std::get_if<std::int64_t>(&attribute)) return Tensor::scalar(*integer);
    if (const auto* real = std::get_if<float>(&attribute)) return Tensor::scalar(*real);
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute))
      return Tensor::of_ints(*integers);
  }
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> Conversion::take_constant_input(std::size_t position,
                                                                         std::string_view what) {
  const ValueId value = input(position);
  if (value == ValueId::None) return std::nullopt;
  const std::optional<Tensor> tensor = constant_of(value);
  if (!tensor)
    unsupported(
        fmt::format("{} must be constant in that version, '{}' is computed", what, graph_.value(value).name));
  std::vector<ValueId>& inputs = node().inputs;
  inputs[position] = ValueId::None;
  while (!inputs.empty() && inputs.back() == ValueId::None) inputs.pop_back();
  return to_ints(*tensor);
}

std::optional<std::size_t> Conversion::rank(ValueId value) const {
  if (value == ValueId::None) return std::nullopt;
  const Type& type = graph_.value(value).type;
  return type.is_tensor() && type.dims ? std::optional(type.dims->size()) : std::nullopt;
}

DType Conversion::dtype(ValueId value) const {
  constexpr int kFar = 256;
  for (int step = 0; step < kFar && value != ValueId::None; ++step) {
    const DType stated = stated_dtype(graph_, value);
    if (stated != DType::Undefined) return stated;
    const NodeId producer = graph_.value(value).producer;
    if (producer == NodeId::None) break;
    const Node& node = graph_.node(producer);
    if (node.inputs.empty() || node.outputs[0] != value || !keeps_element_type(node)) break;
    value = node.inputs[0];
    if (!is_uniform(node)) continue;
    for (const ValueId input : node.inputs)
      if (stated_dtype(graph_, input) != DType::Undefined) return stated_dtype(graph_, input);
  }
  return DType::Undefined;
}

bool Conversion::is_used(ValueId value) const {
  if (value == ValueId::None) return false;
  if (std::ranges::find(graph_.outputs, value) != graph_.outputs.end()) return true;
  for (std::size_t i = 0; i < graph_.node_count(); ++i) {
    const std::vector<ValueId> used = uses(graph_.node(NodeId{static_cast<std::int32_t>(i)}));
    if (std::ranges::find(used, value) != used.end()) return true;
  }
  return false;
}

void Conversion::unsupported(std::string_view what) const {
  fail(ErrorCode::Unsupported, "{}", what);
}

}  // namespace atlas::onnx

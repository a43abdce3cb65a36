// One function per kind of operator that has a model; everything else moves its bytes.
#include "atlas/plan/graph_operators.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "atlas/base/error.h"
#include "atlas/graph/node_errors.h"
#include "atlas/ops/cost_context.h"

namespace atlas {
namespace {

constexpr std::string_view kFree[] = {"Reshape", "Squeeze",  "Unsqueeze", "Flatten",  "Identity", "Shape",
                                      "Size",    "Constant", "Dropout",   "Optional", "If",       "Loop"};
constexpr std::string_view kElementwise[] = {
    "Add",     "Sub",   "Mul",       "Div",         "Pow",  "Relu",  "LeakyRelu",  "PRelu",
    "Sigmoid", "Tanh",  "Gelu",      "Erf",         "Exp",  "Log",   "Sqrt",       "Neg",
    "Abs",     "Clip",  "HardSwish", "HardSigmoid", "Elu",  "Selu",  "Cast",       "Softplus",
    "Mish",    "Swish", "Where",     "Equal",       "Not",  "And",   "Or",         "Less",
    "Greater", "Min",   "Max",       "Floor",       "Ceil", "Round", "Reciprocal", "BatchNormalization"};
constexpr std::string_view kNorms[] = {"LayerNormalization", "RMSNormalization", "InstanceNormalization",
                                       "GroupNormalization", "LpNormalization"};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

class Sizes {
 public:
  Sizes(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  Shape input(std::size_t i) const { return shape(node_.inputs.at(i)); }
  Shape output() const { return shape(node_.outputs.at(0)); }
  DType dtype() const { return graph_.value(node_.inputs.at(0)).type.dtype; }

 private:
  Shape shape(ValueId id) const { return *constant_shape(*graph_.value(id).type.dims); }
  const Graph& graph_;
  const Node& node_;
};

double elements(const Shape& shape) {
  double count = 1;
  for (const std::int64_t size : shape) count *= static_cast<double>(size);
  return count;
}

std::string name_of(const Graph& graph, const Node& node) {
  if (!node.name.empty()) return node.name;
  for (const ValueId value : node.outputs)
    if (value != ValueId::None) return graph.value(value).name;
  return node.op;
}

double real(std::int64_t value) {
  return static_cast<double>(value);
}

class StepMaker {
 public:
  StepMaker(const OpRegistry& ops, const std::string& format) : ops_(ops), format_(format) {}

  void add(const Graph& graph, StepList& out) {
    const std::vector<std::vector<NodeId>> consumers = graph.consumers();
    std::unordered_map<std::int32_t, std::size_t> step_of;  // value -> the step that makes it
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      for_each_subgraph(node, [&](const Graph& nested) { add(nested, out); });
      if (among(kFree, node.op)) {
        pass_through(node, step_of);
        continue;
      }
      const std::optional<Cost> cost = cost_of_node(graph, node, ops_);
      if (!cost) {
        out.not_sized.push_back(describe(node));
        continue;
      }
      if (!fuse(graph, node, *cost, consumers, step_of, out)) {
        out.steps.push_back({name_of(graph, node), node.op, operator_of(graph, node, *cost)});
        for (const ValueId value : node.outputs) {
          if (value == ValueId::None) continue;
          step_of[static_cast<std::int32_t>(value)] = out.steps.size() - 1;
          out.steps.back().result_bytes += bytes_of(graph.value(value).type);
        }
      }
      add_reads(node, step_of, out);
    }
    out.input_bytes = 0;
    out.outputs.clear();
    for (const ValueId value : graph.inputs) out.input_bytes += bytes_of(graph.value(value).type);
    for (const ValueId value : graph.outputs)
      if (const auto made = step_of.find(static_cast<std::int32_t>(value)); made != step_of.end())
        out.outputs.push_back(made->second);
  }

 private:
  // The last step reads what the node does, but for its own result.
  static void add_reads(const Node& node, const std::unordered_map<std::int32_t, std::size_t>& step_of,
                        StepList& out) {
    std::vector<std::size_t>& reads = out.steps.back().reads;
    for (const ValueId value : uses(node)) {
      const auto made = step_of.find(static_cast<std::int32_t>(value));
      if (made != step_of.end() && made->second + 1 != out.steps.size()) reads.push_back(made->second);
    }
    std::ranges::sort(reads);
    const auto repeated = std::ranges::unique(reads);
    reads.erase(repeated.begin(), repeated.end());
  }

  // A view of a step's result is that result.
  static void pass_through(const Node& node, std::unordered_map<std::int32_t, std::size_t>& step_of) {
    if (node.inputs.empty() || node.outputs.empty()) return;
    const auto found = step_of.find(static_cast<std::int32_t>(node.inputs[0]));
    if (found != step_of.end() && node.op != "Shape" && node.op != "Size")
      step_of[static_cast<std::int32_t>(node.outputs[0])] = found->second;
  }

  bool fuse(const Graph& graph, const Node& node, const Cost& cost,
            const std::vector<std::vector<NodeId>>& consumers,
            std::unordered_map<std::int32_t, std::size_t>& step_of, StepList& out) const {
    if (!among(kElementwise, node.op) || !node.domain.empty()) return false;
    for (const ValueId input : node.inputs) {
      if (input == ValueId::None || consumers[index(input)].size() != 1) continue;
      if (std::ranges::find(graph.outputs, input) != graph.outputs.end()) continue;
      const auto found = step_of.find(static_cast<std::int32_t>(input));
      if (found == step_of.end() || found->second + 1 != out.steps.size()) continue;
      Step& step = out.steps[found->second];
      const Shape made = *constant_shape(*graph.value(input).type.dims);
      if (elements(made) != elements(*constant_shape(*graph.value(node.outputs[0]).type.dims))) continue;
      // The result of the step before stays where it is; only what else is read counts.
      const double own = elements(made) * width(graph.value(input).type.dtype);
      step.extra_bytes += std::max(0.0, cost.bytes_read * scale(graph.value(input).type.dtype) - own);
      step.extra_operations += cost.total_operations();
      step.op += "+" + node.op;
      step_of[static_cast<std::int32_t>(node.outputs[0])] = found->second;
      return true;
    }
    return false;
  }

  // Bytes of an element as priced, and the factor that this is of the graph's own.
  double width(DType dtype) const {
    if (is_floating(dtype) && !format_.empty()) return format_ == "f32" ? 4 : 2;
    return std::max(1.0, bits(dtype) / 8.0);
  }
  double scale(DType dtype) const {
    return bits(dtype) ? width(dtype) / std::max(1.0, bits(dtype) / 8.0) : 1;
  }

  double bytes_of(const Type& type) const {
    if (!type.is_tensor() || !type.dims || bits(type.dtype) == 0) return 0;
    const std::optional<Shape> shape = constant_shape(*type.dims);
    return shape ? elements(*shape) * width(type.dtype) : 0;
  }

  const GemmFormat* format_of(DType dtype) const {
    if (dtype == DType::I8 || dtype == DType::U8) return gemm_format("int8");
    if (!format_.empty()) return gemm_format(format_);
    if (dtype == DType::F16) return gemm_format("f16");
    if (dtype == DType::BF16) return gemm_format("bfloat16");
    if (dtype == DType::F64) return gemm_format("fp64");
    return gemm_format("fp32");
  }

  Operator operator_of(const Graph& graph, const Node& node, const Cost& cost) const {
    const Sizes sizes(graph, node);
    const bool standard = node.domain.empty();
    if (standard && (node.op == "Conv" || node.op == "ConvInteger") && sizes.input(0).size() == 4)
      return convolution(node, sizes);
    if ((node.op == "MatMul" || node.op == "FusedMatMul" || node.op == "MatMulInteger") &&
        sizes.input(0).size() >= 2 && sizes.input(1).size() >= 2)
      return product(node, sizes);
    if (standard && node.op == "Gemm") return gemm(node, sizes);
    if (node.op == "Softmax" || node.op == "LogSoftmax") return rows(kSoftmaxFamily.name, sizes);
    if (among(kNorms, node.op)) return rows(kNormFamily.name, sizes);
    return moved(sizes, node, cost);
  }

  Operator convolution(const Node& node, const Sizes& sizes) const {
    const Shape image = sizes.input(0);
    const Shape weights = sizes.input(1);
    const Shape out = sizes.output();
    const std::vector<std::int64_t> strides = node.attributes.integers("strides");
    Convolution op;
    op.format = format_of(sizes.dtype());
    op.batch = real(image[0]);
    op.in_channels = real(image[1]);
    op.in_h = real(image[2]);
    op.in_w = real(image[3]);
    op.out_channels = real(weights[0]);
    op.kernel_h = real(weights[2]);
    op.kernel_w = real(weights[3]);
    op.out_h = real(out[2]);
    op.out_w = real(out[3]);
    op.stride = strides.empty() ? 1 : real(strides[0]);
    op.groups = real(node.attributes.integer("group", 1));
    return {fmt::format("{}/{}", kConvolutionFamily.name, op.format->name), op};
  }

  // A weight shared by all is one product of more rows.
  Operator product(const Node&, const Sizes& sizes) const {
    const Shape a = sizes.input(0);
    const Shape b = sizes.input(1);
    const Shape out = sizes.output();
    Gemm op;
    op.format = format_of(sizes.dtype());
    op.k = real(a.back());
    op.n = real(out.back());
    op.m = elements(out) / op.n;
    if (b.size() > 2) {
      op.batch = std::max(1.0, elements(b) / (op.k * op.n));
      op.m = std::max(1.0, op.m / op.batch);
    }
    return {fmt::format("{}/{}", kGemmFamily.name, op.format->name), op};
  }

  Operator gemm(const Node& node, const Sizes& sizes) const {
    const Shape a = sizes.input(0);
    const Shape out = sizes.output();
    Gemm op;
    op.format = format_of(sizes.dtype());
    op.m = real(out[0]);
    op.n = real(out[1]);
    op.k = real(a[node.attributes.integer("transA", 0) ? 0 : 1]);
    return {fmt::format("{}/{}", kGemmFamily.name, op.format->name), op};
  }

  Operator rows(std::string_view family, const Sizes& sizes) const {
    const Shape shape = sizes.input(0);
    const double columns = shape.empty() ? 1 : std::max(1.0, real(shape.back()));
    return {fmt::format("{}/{}", family, format_of(sizes.dtype())->name),
            RowWise{elements(shape) / columns, columns, width(sizes.dtype())}};
  }

  Operator moved(const Sizes& sizes, const Node& node, const Cost& cost) const {
    const DType dtype = node.inputs.empty() || node.inputs[0] == ValueId::None ? DType::F32 : sizes.dtype();
    const double factor = scale(dtype);
    const double written = std::max(1.0, cost.bytes_written * factor);
    Elementwise op;
    op.element_bytes = width(dtype);
    op.elements = written / op.element_bytes;
    op.operands = cost.bytes_read * factor / written;
    op.operations = cost.total_operations() / op.elements;
    return {fmt::format("{}/{}", kElementwiseFamily.name, format_of(dtype)->name), op};
  }

  const OpRegistry& ops_;
  const std::string& format_;
};

}  // namespace

StepList steps_of(const Graph& graph, const OpRegistry& ops, const std::string& format) {
  require(format.empty() || format == "f16" || format == "bf16" || format == "f32",
          "number format: expected f32, f16 or bf16, got '{}'", format);
  StepList out;
  StepMaker(ops, format).add(graph, out);
  return out;
}

}  // namespace atlas

// DequantizeLinear, an operator, QuantizeLinear: the way in which quantised models are exchanged.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "atlas/ops/interpreter.h"
#include "atlas/targets/cpu/lowering.h"
#include "atlas/targets/cpu/neighbours.h"
#include "atlas/targets/cpu/quantized_inputs.h"

namespace atlas::cpu {
namespace {

/// Levels of 8 bits, with constant scales and zero points: one for all, or one for each index of `axis`.
struct Quantized {
  ValueId levels = ValueId::None;
  ValueId scale = ValueId::None, zero = ValueId::None;
  std::vector<float> scales;
  std::vector<std::int64_t> zeros;  // as many
  DType dtype = DType::Undefined;   // of the levels
  std::int64_t axis = 1;

  bool is_single() const { return scales.size() == 1; }
};

bool same_levels(const Quantized& a, const Quantized& b) {
  return a.is_single() && b.is_single() && a.dtype == b.dtype && a.scales == b.scales && a.zeros == b.zeros;
}

// These give elements of their first input, each as it was.
constexpr std::array kMoves = {
    std::string_view("DepthToSpace"), std::string_view("Expand"),   std::string_view("Flatten"),
    std::string_view("Gather"),       std::string_view("Identity"), std::string_view("MaxPool"),
    std::string_view("Reshape"),      std::string_view("Slice"),    std::string_view("SpaceToDepth"),
    std::string_view("Squeeze"),      std::string_view("Tile"),     std::string_view("Transpose"),
    std::string_view("Unsqueeze"),
};

class QuantizedLowering {
 public:
  QuantizedLowering(Graph& graph, const OpRegistry& ops) : graph_(graph), ops_(ops), near_(graph) {}

  void run() {
    const std::vector<NodeId> order = graph_.order();
    for (const NodeId id : order)
      if (!graph_.is_erased(id) && graph_.node(id).domain.empty() && graph_.node(id).op == "QuantizeLinear")
        lower_to_levels(id);
    for (const NodeId id : order)
      if (!graph_.is_erased(id)) lower_to_reals(id);
    widen_other_weights();
  }

 private:
  /// Of a node whose inputs 1 and 2 are a scale and a zero point.
  std::optional<Quantized> parameters(const Node& node, DType dtype) {
    if (!node.domain.empty() || node.attributes.integer("block_size", 0) != 0 || !is_byte(dtype) ||
        !graph_.is_constant(node.inputs[1]))
      return std::nullopt;
    const Tensor scale = graph_.value(node.inputs[1]).constant;
    if (scale.dtype() != DType::F32 || scale.rank() > 1 || scale.element_count() == 0) return std::nullopt;
    Quantized out;
    out.scale = node.inputs[1];
    out.scales.assign(scale.values<float>().begin(), scale.values<float>().end());
    out.zeros.assign(out.scales.size(), 0);
    out.dtype = dtype;
    out.axis = node.attributes.integer("axis", 1);
    if (node.inputs.size() > 2 && node.inputs[2] != ValueId::None) {
      if (!graph_.is_constant(node.inputs[2])) return std::nullopt;
      const Tensor& zero = graph_.value(node.inputs[2]).constant;
      if (zero.dtype() != dtype || zero.element_count() != out.zeros.size()) return std::nullopt;
      out.zero = node.inputs[2];
      out.zeros = to_ints(zero);
    }
    return out;
  }

  /// What makes `value` real.
  std::optional<Quantized> dequantized(ValueId value) {
    const Node* node = near_.maker(value, "DequantizeLinear");
    if (node == nullptr || graph_.value(value).type.dtype != DType::F32) return std::nullopt;
    std::optional<Quantized> out = parameters(*node, graph_.value(node->inputs[0]).type.dtype);
    if (out) out->levels = node->inputs[0];
    return out;
  }

  std::optional<Quantized> single(ValueId value) {
    std::optional<Quantized> out = dequantized(value);
    if (out && !out->is_single()) out.reset();
    return out;
  }

  /// A constant with scales and zero points for each index of `axis`, or one for all.
  std::optional<Quantized> weight(ValueId value, std::int64_t axis, std::size_t rank) {
    std::optional<Quantized> out = dequantized(value);
    if (!out || !graph_.is_constant(out->levels)) return std::nullopt;
    const Tensor& levels = graph_.value(out->levels).constant;
    if (levels.rank() != rank || levels.element_count() == 0) return std::nullopt;
    if (out->is_single()) return out;
    const std::int64_t found = out->axis < 0 ? out->axis + static_cast<std::int64_t>(rank) : out->axis;
    const bool fits = found == axis && levels.dim(static_cast<std::size_t>(axis)) ==
                                           static_cast<std::int64_t>(out->scales.size());
    return fits ? out : std::nullopt;
  }

  /// The zero point, written out where it was left out.
  ValueId zero(const Quantized& q) {
    if (q.zero != ValueId::None) return q.zero;
    const Shape shape = q.is_single() ? Shape{} : Shape{static_cast<std::int64_t>(q.zeros.size())};
    return graph_.add_constant("zero_point", from_ints(q.dtype, shape, q.zeros));
  }

  /// A constant bias in steps of both scales; None where there is none. Nothing where that cannot be.
  std::optional<ValueId> bias(ValueId value, const Quantized& x, const Quantized& w, std::int64_t channels) {
    if (value == ValueId::None) return ValueId::None;
    if (!graph_.is_constant(value)) return std::nullopt;
    const Tensor& reals = graph_.value(value).constant;
    if (reals.dtype() != DType::F32 || reals.rank() != 1 || reals.dim(0) != channels) return std::nullopt;
    std::vector<std::int64_t> steps;
    for (std::size_t i = 0; i < reals.element_count(); ++i) {
      const double step = static_cast<double>(x.scales[0]) * w.scales[w.is_single() ? 0 : i];
      const double level = std::nearbyint(reals.values<float>()[i] / step);
      // Far from where sums would wrap.
      if (!(std::abs(level) < std::ldexp(1.0, 30))) return std::nullopt;
      steps.push_back(static_cast<std::int64_t>(level));
    }
    return graph_.add_constant("bias", from_ints(DType::I32, {channels}, steps));
  }

  /// True where an activation in front of levels `y` does what their limits do anyway.
  bool saturates(const Node& node, const Quantized& y) const {
    if (!node.domain.empty()) return false;
    const double least = y.dtype == DType::I8 ? -128 : 0;
    const auto level = [&](float real) {
      return std::nearbyint(real / y.scales[0]) + static_cast<double>(y.zeros[0]);
    };
    if (node.op == "Relu") return level(0) <= least;
    if (node.op != "Clip") return false;
    const auto bound = [&](std::size_t i, float otherwise) {
      const bool given = i < node.inputs.size() && node.inputs[i] != ValueId::None;
      return given ? near_.number(node.inputs[i]) : std::optional<float>(otherwise);
    };
    const std::optional<float> low = bound(1, -std::numeric_limits<float>::infinity());
    const std::optional<float> high = bound(2, std::numeric_limits<float>::infinity());
    return low && high && level(*low) <= least && level(*high) >= least + 255;
  }

  void lower_to_levels(NodeId id) {
    const Node quantize = graph_.node(id);
    const std::optional<Quantized> y = parameters(quantize, graph_.value(quantize.outputs[0]).type.dtype);
    if (!y || !y->is_single()) return;
    std::vector<NodeId> taken = {id};
    ValueId value = quantize.inputs[0];
    for (;;) {
      const NodeId maker = graph_.value(value).producer;
      if (maker == NodeId::None || near_.only_user(value) != taken.back()) return;
      taken.push_back(maker);
      if (!saturates(graph_.node(maker), *y)) break;
      value = graph_.node(maker).inputs[0];
    }
    const Node maker = graph_.node(taken.back());
    std::optional<Node> lowered = to_levels(maker, *y);
    if (!lowered) return;
    lowered->name = maker.name;
    lowered->outputs = quantize.outputs;
    for (const NodeId node : taken) graph_.erase_node(node);
    graph_.add_node(std::move(*lowered));
  }

  std::optional<Node> to_levels(const Node& node, const Quantized& y) {
    if (!node.domain.empty() || node.outputs.size() != 1) return std::nullopt;
    if (node.op == "Conv") return convolution(node, y);
    if (node.op == "MatMul") return product(node, y);
    if (node.op == "Gemm") return gemm(node, &y);
    if (node.op == "Add") return sum(node, y);
    if (node.op == "Concat" || std::ranges::find(kMoves, node.op) != kMoves.end()) return move(node, y);
    return std::nullopt;
  }

  std::optional<Node> convolution(const Node& node, const Quantized& y) {
    const std::optional<Dims>& dims = graph_.value(node.inputs[1]).type.dims;
    const std::optional<Quantized> x = single(node.inputs[0]);
    if (!x || !dims || dims->size() < 3 || dims->size() > 5) return std::nullopt;
    const std::optional<Quantized> w = weight(node.inputs[1], 0, dims->size());
    if (!w) return std::nullopt;
    const std::int64_t channels = graph_.value(w->levels).constant.dim(0);
    const auto b = bias(node.inputs.size() > 2 ? node.inputs[2] : ValueId::None, *x, *w, channels);
    if (!b) return std::nullopt;
    return Node{
        .op = "QLinearConv",
        .inputs = {x->levels, x->scale, zero(*x), w->levels, w->scale, zero(*w), y.scale, zero(y), *b},
        .attributes = node.attributes};
  }

  bool has_rank(ValueId value, std::size_t least, std::size_t most) const {
    const std::optional<Dims>& dims = graph_.value(value).type.dims;
    return dims && dims->size() >= least && dims->size() <= most;
  }

  /// The right side of a product: one scale for all, or weights with one for each column.
  std::optional<Quantized> right_side(ValueId value) {
    std::optional<Quantized> out = single(value);
    if (!out) out = weight(value, 1, 2);
    return out;
  }

  std::optional<Node> product(const Node& node, const Quantized& y) {
    const std::optional<Quantized> a = single(node.inputs[0]), b = right_side(node.inputs[1]);
    if (!a || !b || !has_rank(a->levels, 1, 8) || !has_rank(b->levels, 2, 8)) return std::nullopt;
    return Node{.op = "QLinearMatMul",
                .inputs = {a->levels, a->scale, zero(*a), b->levels, b->scale, zero(*b), y.scale, zero(y)}};
  }

  /// To levels `y`, or to real numbers where there are none.
  std::optional<Node> gemm(const Node& node, const Quantized* y) {
    const bool transposed = node.attributes.integer("transB", 0) != 0;
    if (node.attributes.real("alpha", 1) != 1 || node.attributes.real("beta", 1) != 1 ||
        node.attributes.integer("transA", 0) != 0)
      return std::nullopt;
    const std::optional<Quantized> a = single(node.inputs[0]);
    const std::optional<Quantized> b = weight(node.inputs[1], transposed ? 0 : 1, 2);
    if (!a || !b) return std::nullopt;
    const std::int64_t columns = graph_.value(b->levels).constant.dim(transposed ? 0 : 1);
    const auto c = bias(node.inputs.size() > 2 ? node.inputs[2] : ValueId::None, *a, *b, columns);
    if (!c) return std::nullopt;
    Node out{.domain = "com.microsoft",
             .op = "QGemm",
             .inputs = {a->levels, a->scale, zero(*a), b->levels, b->scale, zero(*b), *c},
             .attributes = {{"transB", std::int64_t{transposed}}}};
    if (y != nullptr) out.inputs.insert(out.inputs.end(), {y->scale, zero(*y)});
    return out;
  }

  std::optional<Node> sum(const Node& node, const Quantized& y) {
    const std::optional<Quantized> a = single(node.inputs[0]), b = single(node.inputs[1]);
    const std::optional<Dims>& a_dims = graph_.value(node.inputs[0]).type.dims;
    if (!a || !b || a->dtype != y.dtype || b->dtype != y.dtype || !a_dims ||
        a_dims != graph_.value(node.inputs[1]).type.dims)
      return std::nullopt;
    return Node{.domain = "com.microsoft",
                .op = "QLinearAdd",
                .inputs = {a->levels, a->scale, zero(*a), b->levels, b->scale, zero(*b), y.scale, zero(y)}};
  }

  std::optional<Node> move(const Node& node, const Quantized& y) {
    Node out = node;
    const std::size_t moved = node.op == "Concat" ? node.inputs.size() : 1;
    for (std::size_t i = 0; i < moved; ++i) {
      const std::optional<Quantized> x = dequantized(node.inputs[i]);
      if (!x || !same_levels(*x, y)) return std::nullopt;
      out.inputs[i] = x->levels;
    }
    return out;
  }

  void lower_to_reals(NodeId id) {
    const Node node = graph_.node(id);
    if (!node.domain.empty()) return;
    std::optional<Node> lowered;
    if (node.op == "Gemm") lowered = gemm(node, nullptr);
    if (node.op == "MatMul") lowered = product_to_reals(node);
    if (!lowered) return;
    lowered->name = node.name;
    lowered->outputs = node.outputs;
    graph_.erase_node(id);
    graph_.add_node(std::move(*lowered));
  }

  std::optional<Node> product_to_reals(const Node& node) {
    const std::optional<Quantized> a = single(node.inputs[0]), b = weight(node.inputs[1], 1, 2);
    if (!a || !b || !has_rank(a->levels, 1, 8)) return std::nullopt;
    return Node{.domain = "com.microsoft",
                .op = "MatMulIntegerToFloat",
                .inputs = {a->levels, b->levels, a->scale, b->scale, zero(*a), zero(*b)}};
  }

  /// Weights of convolutions that stay as they are become real now.
  void widen_other_weights() {
    for (const NodeId id : graph_.order()) {
      const Node& node = graph_.node(id);
      if (node.op != "Conv" || !node.domain.empty()) continue;
      const ValueId weights = node.inputs[1];
      const Node* maker = near_.maker(weights, "DequantizeLinear");
      if (maker == nullptr) continue;
      std::vector<Datum> inputs;
      for (const ValueId input : maker->inputs) {
        if (input != ValueId::None && !graph_.is_constant(input)) break;
        inputs.push_back(input == ValueId::None ? Datum() : Datum(graph_.value(input).constant));
      }
      if (inputs.size() < maker->inputs.size()) continue;
      const std::vector<Datum> result = run_reference(ops_, *maker, inputs, {});
      graph_.erase_node(graph_.value(weights).producer);
      graph_.value(weights).constant = result[0].tensor();
    }
  }

  Graph& graph_;
  const OpRegistry& ops_;
  Neighbours near_;
};

}  // namespace

void lower_quantized(Graph& graph, const OpRegistry& ops) {
  QuantizedLowering(graph, ops).run();
}

}  // namespace atlas::cpu

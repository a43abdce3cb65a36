// Per-channel scales and shifts behind a convolution go into its weights: batch normalisation, products with
// and sums of constants.
#include <cmath>
#include <optional>

#include "atlas/graph/match.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

// y = x * scale[c] + shift[c]
struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

const Tensor* constant(const Graph& graph, ValueId value) {
  return value != ValueId::None && graph.is_constant(value) ? &graph.value(value).constant : nullptr;
}

std::optional<Affine> batch_norm(const Graph& graph, const Node& node, std::size_t channels) {
  if (node.inputs.size() != 5 || node.attributes.integer("training_mode", 0) != 0) return std::nullopt;
  std::vector<double> parameters[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const Tensor* given = constant(graph, node.inputs[i + 1]);
    if (given == nullptr || given->element_count() != channels) return std::nullopt;
    parameters[i] = to_doubles(*given);
  }
  const auto& [gamma, beta, mean, variance] = parameters;
  const double epsilon = node.attributes.real("epsilon", 1e-5f);
  Affine out;
  for (std::size_t c = 0; c < channels; ++c) {
    out.scale.push_back(gamma[c] / std::sqrt(variance[c] + epsilon));
    out.shift.push_back(beta[c] - mean[c] * out.scale[c]);
  }
  return out;
}

// A constant of shape [1, C, 1, ...], [C, 1, ...] or of one element, as one number a channel.
std::optional<std::vector<double>> per_channel(const Tensor& given, std::size_t channels, std::size_t rank) {
  const std::vector<double> values = to_doubles(given);
  if (given.rank() > rank) return std::nullopt;
  if (values.size() == 1) return std::vector<double>(channels, values[0]);
  if (values.size() != channels || given.rank() + 1 < rank) return std::nullopt;
  const std::size_t axis = given.rank() + 1 - rank;  // of the channels
  if (given.dim(axis) != static_cast<std::int64_t>(channels)) return std::nullopt;
  return values;
}

std::optional<Affine> arithmetic(const Graph& graph, const Node& node, ValueId x, std::size_t channels,
                                 std::size_t rank) {
  const ValueId other = Matcher::other_input(node, x);
  const Tensor* given = other == ValueId::None ? nullptr : constant(graph, other);
  if (given == nullptr || !is_floating(given->dtype())) return std::nullopt;
  const auto values = per_channel(*given, channels, rank);
  if (!values) return std::nullopt;
  Affine out{std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
  if (node.op == "Mul") {
    out.scale = *values;
  } else if (node.op == "Add") {
    out.shift = *values;
  } else if (node.op == "Sub" && node.inputs[0] == x) {
    for (std::size_t c = 0; c < channels; ++c) out.shift[c] = -(*values)[c];
  } else if (node.op == "Div" && node.inputs[0] == x) {
    for (std::size_t c = 0; c < channels; ++c) out.scale[c] = 1 / (*values)[c];
  } else {
    return std::nullopt;
  }
  return out;
}

// The weights of channel c times scale[c]; those of a transposed convolution have the channel second.
Tensor scaled_weights(const Tensor& weights, const std::vector<double>& scale, bool transposed,
                      std::size_t groups) {
  const Shape& shape = weights.shape();
  const auto rows = static_cast<std::size_t>(transposed ? shape[0] * shape[1] : shape[0]);
  const std::size_t inner = weights.element_count() / rows;
  const auto scale_of = [&](std::size_t row) {
    if (!transposed) return scale[row];
    const auto per_group = static_cast<std::size_t>(shape[1]);
    const std::size_t group = row / per_group / (static_cast<std::size_t>(shape[0]) / groups);
    return scale[group * per_group + row % per_group];
  };
  if (weights.dtype() == DType::F32) {  // nearly always, and much of the time that loading takes
    Tensor out(DType::F32, shape);
    const float* from = weights.values<float>().data();
    float* to = out.values_mutable<float>().data();
    for (std::size_t row = 0; row < rows; ++row, from += inner, to += inner) {
      const double factor = scale_of(row);
      for (std::size_t i = 0; i < inner; ++i) to[i] = static_cast<float>(from[i] * factor);
    }
    return out;
  }
  std::vector<double> values = to_doubles(weights);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= scale_of(i / inner);
  return from_doubles(weights.dtype(), shape, values);
}

bool fold_into(Graph& graph, const Matcher& match, NodeId id) {
  const Node conv = graph.node(id);
  const bool transposed = conv.op == "ConvTranspose";
  if (!conv.domain.empty() || (conv.op != "Conv" && !transposed) || !match.has_one_use(conv.outputs[0]))
    return false;
  const Tensor* weights = constant(graph, conv.inputs[1]);
  const bool has_bias = conv.inputs.size() > 2 && conv.inputs[2] != ValueId::None;
  const Tensor* bias = has_bias ? constant(graph, conv.inputs[2]) : nullptr;
  if (weights == nullptr || (has_bias && bias == nullptr) || weights->rank() < 3 ||
      weights->element_count() == 0)
    return false;
  const auto groups = static_cast<std::size_t>(conv.attributes.integer("group", 1));
  const auto channels =
      static_cast<std::size_t>(transposed ? weights->dim(1) : weights->dim(0)) * (transposed ? groups : 1);

  const NodeId next_id = match.only_user(conv.outputs[0]);
  const Node next = graph.node(next_id);
  if (!next.domain.empty()) return false;
  const std::optional<Affine> affine =
      next.op == "BatchNormalization" && next.inputs[0] == conv.outputs[0]
          ? batch_norm(graph, next, channels)
          : arithmetic(graph, next, conv.outputs[0], channels, weights->rank());
  if (!affine) return false;

  std::vector<double> shift = affine->shift;
  if (bias != nullptr) {
    const std::vector<double> old = to_doubles(*bias);
    if (old.size() != channels) return false;
    for (std::size_t c = 0; c < channels; ++c) shift[c] += old[c] * affine->scale[c];
  }
  Node folded = conv;
  const Shape bias_shape = {static_cast<std::int64_t>(channels)};
  const DType dtype = weights->dtype();
  folded.inputs.resize(3);
  folded.inputs[1] =
      graph.add_constant("weights", scaled_weights(*weights, affine->scale, transposed, groups));
  folded.inputs[2] = graph.add_constant("bias", from_doubles(dtype, bias_shape, shift));
  folded.outputs = {next.outputs[0]};
  graph.erase_node(id);
  graph.erase_node(next_id);
  graph.add_node(std::move(folded));
  return true;
}

bool fold(Graph& graph) {
  bool changed = false;
  const Matcher match(graph);
  for (const NodeId id : graph.order())
    if (!graph.is_erased(id)) changed = fold_into(graph, match, id) || changed;
  return changed;
}

}  // namespace

bool fold_affine(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, fold);
}

}  // namespace atlas

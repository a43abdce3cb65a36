// Activations that exporters spell out become one node again: HardSwish, Swish, Gelu.
#include <cmath>
#include <numbers>
#include <optional>

#include "atlas/graph/builder.h"
#include "atlas/graph/match.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"

namespace atlas {
namespace {

struct Found {
  std::string op;
  ValueId x;
  Attributes attributes;
};

// The input `x` of a node that adds `number` to it.
ValueId plus(const Matcher& match, ValueId value, double number) {
  const Node* add = match.maker(value, "Add");
  if (add == nullptr) return ValueId::None;
  if (match.is_number(add->inputs[1], number)) return add->inputs[0];
  return match.is_number(add->inputs[0], number) ? add->inputs[1] : ValueId::None;
}

// The input `x` of a node that multiplies it by `number`, or divides it by 1 / number.
ValueId times(const Matcher& match, ValueId value, double number) {
  if (const Node* mul = match.maker(value, "Mul")) {
    if (match.is_number(mul->inputs[1], number)) return mul->inputs[0];
    if (match.is_number(mul->inputs[0], number)) return mul->inputs[1];
  }
  const Node* div = match.maker(value, "Div");
  return div != nullptr && match.is_number(div->inputs[1], 1 / number) ? div->inputs[0] : ValueId::None;
}

// clip(x + 3, 0, 6)
bool is_relu6_of_shifted(const Matcher& match, ValueId value, ValueId x) {
  const Node* clip = match.maker(value, "Clip");
  return clip != nullptr && clip->inputs.size() == 3 && match.is_number(clip->inputs[1], 0) &&
         match.is_number(clip->inputs[2], 6) && plus(match, clip->inputs[0], 3) == x;
}

// max(0, min(1, x / 6 + 1 / 2)) in one node.
bool is_hard_sigmoid(const Matcher& match, ValueId value, ValueId x) {
  const Node* sigmoid = match.maker(value, "HardSigmoid");
  return sigmoid != nullptr && sigmoid->inputs[0] == x &&
         std::abs(sigmoid->attributes.real("alpha", 0.2f) - 1.0f / 6) < 1e-4 &&
         std::abs(sigmoid->attributes.real("beta", 0.5f) - 0.5f) < 1e-6;
}

// x clip(x + 3, 0, 6) / 6, the division anywhere; or x hard_sigmoid(x).
ValueId hard_swish_of(const Matcher& match, ValueId value) {
  ValueId product = times(match, value, 1.0 / 6);
  const bool divided = product != ValueId::None;
  if (!divided) product = value;
  const Node* mul = match.maker(product, "Mul");
  if (mul == nullptr) return ValueId::None;
  for (const ValueId x : mul->inputs) {
    const ValueId gate = Matcher::other_input(*mul, x);
    if (divided && is_relu6_of_shifted(match, gate, x)) return x;
    if (divided) continue;
    if (is_hard_sigmoid(match, gate, x)) return x;
    const ValueId whole = times(match, gate, 1.0 / 6);
    if (whole != ValueId::None && is_relu6_of_shifted(match, whole, x)) return x;
  }
  return ValueId::None;
}

ValueId swish_of(const Matcher& match, ValueId value) {
  const Node* mul = match.maker(value, "Mul");
  if (mul == nullptr) return ValueId::None;
  for (const ValueId x : mul->inputs) {
    const Node* sigmoid = match.maker(Matcher::other_input(*mul, x), "Sigmoid");
    if (sigmoid != nullptr && sigmoid->inputs[0] == x) return x;
  }
  return ValueId::None;
}

// 1 + erf(x / sqrt 2)
bool is_erf_gate(const Matcher& match, ValueId value, ValueId x) {
  const Node* erf = match.maker(plus(match, value, 1), "Erf");
  return erf != nullptr && times(match, erf->inputs[0], 1 / std::numbers::sqrt2) == x;
}

// x^3, as a power or as products.
bool is_cube(const Matcher& match, ValueId value, ValueId x) {
  if (const Node* power = match.maker(value, "Pow"))
    return power->inputs[0] == x && match.is_number(power->inputs[1], 3);
  const Node* outer = match.maker(value, "Mul");
  const Node* inner = outer ? match.maker(Matcher::other_input(*outer, x), "Mul") : nullptr;
  return inner != nullptr && inner->inputs[0] == x && inner->inputs[1] == x;
}

// 1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))
bool is_tanh_gate(const Matcher& match, ValueId value, ValueId x) {
  const Node* tanh = match.maker(plus(match, value, 1), "Tanh");
  if (tanh == nullptr) return false;
  const Node* sum = match.maker(times(match, tanh->inputs[0], std::sqrt(2 / std::numbers::pi)), "Add");
  if (sum == nullptr) return false;
  const ValueId cubic = Matcher::other_input(*sum, x);
  return cubic != ValueId::None && is_cube(match, times(match, cubic, 0.044715), x);
}

// Products of x, 1/2 and a gate, in any order: the factors of a tree of two multiplications.
std::optional<Found> gelu(const Matcher& match, ValueId value) {
  const auto with = [&](ValueId x, ValueId gate) -> std::optional<Found> {
    if (x == ValueId::None || gate == ValueId::None) return std::nullopt;
    if (is_erf_gate(match, gate, x)) return Found{"Gelu", x, {{"approximate", std::string("none")}}};
    if (is_tanh_gate(match, gate, x)) return Found{"Gelu", x, {{"approximate", std::string("tanh")}}};
    return std::nullopt;
  };
  const Node* outer = match.maker(value, "Mul");
  if (outer == nullptr) return std::nullopt;
  for (const ValueId side : outer->inputs) {
    const ValueId rest = Matcher::other_input(*outer, side);
    // (x gate) / 2
    if (match.is_number(side, 0.5)) {
      const Node* inner = match.maker(rest, "Mul");
      for (std::size_t i = 0; inner != nullptr && i < 2; ++i)
        if (auto found = with(inner->inputs[i], inner->inputs[1 - i])) return found;
    }
    // (x / 2) gate, and x (gate / 2)
    if (auto found = with(times(match, side, 0.5), rest)) return found;
    if (auto found = with(side, times(match, rest, 0.5))) return found;
  }
  return std::nullopt;
}

std::optional<Found> recognize(const Matcher& match, ValueId value) {
  if (auto found = gelu(match, value)) return found;
  if (const ValueId x = hard_swish_of(match, value); x != ValueId::None) return Found{"HardSwish", x, {}};
  if (const ValueId x = swish_of(match, value); x != ValueId::None) return Found{"Swish", x, {}};
  return std::nullopt;
}

bool recognize_in(Graph& graph) {
  bool changed = false;
  const Matcher match(graph);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (!node.domain.empty() || (node.op != "Mul" && node.op != "Div")) continue;
    const std::optional<Found> found = recognize(match, node.outputs[0]);
    // The product must have x's shape: a constant factor of higher rank would change it.
    if (!found || !same(graph.value(found->x).type, graph.value(node.outputs[0]).type)) continue;
    // The old nodes lose their last user and are dropped as dead.
    Node fused{"", found->op, node.name, {found->x}, node.outputs, found->attributes};
    graph.erase_node(id);
    graph.add_node(std::move(fused));
    changed = true;
  }
  return changed;
}

}  // namespace

bool recognize_activations(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, recognize_in);
}

}  // namespace atlas

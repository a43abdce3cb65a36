// The table of rules: element-wise arithmetic and the common functions of one number.
#include "atlas/passes/gradient_rules.h"

#include <algorithm>
#include <utility>

namespace atlas {

ValueId GradientStep::scalar(double value) const {
  return op("CastLike", {builder.constant(Tensor::scalar(value)), input(0)});
}

namespace {

using Step = const GradientStep&;
using Gradients = std::vector<ValueId>;

// d x^y / dx = y x^(y-1), d x^y / dy = x^y log x
Gradients pow_rule(Step s) {
  Gradients out(2, ValueId::None);
  const ValueId exponent = s.op("CastLike", {s.input(1), s.input(0)});
  if (s.wanted[0]) {
    const ValueId power = s.op("Pow", {s.input(0), s.op("Sub", {exponent, s.scalar(1)})});
    out[0] = s.op("Mul", {s.gradient, s.op("Mul", {exponent, power})});
  }
  if (s.wanted[1]) {
    const ValueId slope = s.op("Mul", {s.output(), s.op("Log", {s.input(0)})});
    out[1] = s.op("CastLike", {s.op("Mul", {s.gradient, slope}), s.input(1)});
  }
  return out;
}

Gradients div_rule(Step s) {
  Gradients out(2, ValueId::None);
  const ValueId share = s.op("Div", {s.gradient, s.input(1)});
  if (s.wanted[0]) out[0] = share;
  if (s.wanted[1]) out[1] = s.op("Neg", {s.op("Mul", {share, s.output()})});
  return out;
}

// The slope is that of the right-hand side: 0 at 0.
Gradients relu_rule(Step s) {
  return {s.op("Where", {s.op("Greater", {s.input(0), s.scalar(0)}), s.gradient, s.scalar(0)})};
}

// y (1 - y)
Gradients sigmoid_rule(Step s) {
  const ValueId slope = s.op("Mul", {s.output(), s.op("Sub", {s.scalar(1), s.output()})});
  return {s.op("Mul", {s.gradient, slope})};
}

// 1 - y^2
Gradients tanh_rule(Step s) {
  const ValueId slope = s.op("Sub", {s.scalar(1), s.op("Mul", {s.output(), s.output()})});
  return {s.op("Mul", {s.gradient, slope})};
}

// The result does not change with small changes of the inputs.
Gradients constant_rule(Step s) {
  return Gradients(s.node.inputs.size(), ValueId::None);
}

Gradients cast_like_rule(Step s) {
  return {s.op("CastLike", {s.gradient, s.input(0)}), ValueId::None};
}

Gradients where_rule(Step s) {
  const ValueId zero = s.op("CastLike", {s.builder.scalar(0), s.gradient});
  return {ValueId::None, s.op("Where", {s.input(0), s.gradient, zero}),
          s.op("Where", {s.input(0), zero, s.gradient})};
}

constexpr std::pair<std::string_view, GradientRule> kRules[] = {
    {"Abs",
     [](Step s) -> Gradients {
       return {s.op("Mul", {s.gradient, s.op("Sign", {s.input(0)})})};
     }},
    {"Add",
     [](Step s) -> Gradients {
       return {s.gradient, s.gradient};
     }},
    {"CastLike", cast_like_rule},
    {"ConstantOfShape", constant_rule},
    {"Cos",
     [](Step s) -> Gradients {
       return {s.op("Neg", {s.op("Mul", {s.gradient, s.op("Sin", {s.input(0)})})})};
     }},
    {"Div", div_rule},
    {"Exp",
     [](Step s) -> Gradients {
       return {s.op("Mul", {s.gradient, s.output()})};
     }},
    {"Greater", constant_rule},
    {"Identity", [](Step s) -> Gradients { return {s.gradient}; }},
    {"Log",
     [](Step s) -> Gradients {
       return {s.op("Div", {s.gradient, s.input(0)})};
     }},
    {"Mul",
     [](Step s) -> Gradients {
       return {s.op("Mul", {s.gradient, s.input(1)}), s.op("Mul", {s.gradient, s.input(0)})};
     }},
    {"Neg", [](Step s) -> Gradients { return {s.op("Neg", {s.gradient})}; }},
    {"Pow", pow_rule},
    {"Reciprocal",
     [](Step s) -> Gradients {
       return {s.op("Neg", {s.op("Mul", {s.gradient, s.op("Mul", {s.output(), s.output()})})})};
     }},
    {"Relu", relu_rule},
    {"Shape", constant_rule},
    {"Sigmoid", sigmoid_rule},
    {"Sign", constant_rule},
    {"Sin",
     [](Step s) -> Gradients {
       return {s.op("Mul", {s.gradient, s.op("Cos", {s.input(0)})})};
     }},
    {"Sqrt",
     [](Step s) -> Gradients {
       return {s.op("Div", {s.gradient, s.op("Add", {s.output(), s.output()})})};
     }},
    {"Sub",
     [](Step s) -> Gradients {
       return {s.gradient, s.op("Neg", {s.gradient})};
     }},
    {"Sum", [](Step s) -> Gradients { return Gradients(s.node.inputs.size(), s.gradient); }},
    {"Tanh", tanh_rule},
    {"Where", where_rule},
};

}  // namespace

GradientRule find_gradient_rule(const Node& node) {
  if (!node.domain.empty()) return nullptr;
  const auto* found = std::ranges::find(kRules, node.op, &std::pair<std::string_view, GradientRule>::first);
  return found == std::end(kRules) ? nullptr : found->second;
}

}  // namespace atlas

// Steps of optimisers: new parameters and state out of gradients (ai.onnx.preview.training).
#include <cmath>

#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

constexpr std::string_view kDomain = "ai.onnx.preview.training";
constexpr TypeSet kStepTypes = {DType::F32, DType::F64};

// Inputs are R, T, all X, all G, then `states` lists of state; outputs all X and the lists of state. The
// number of parameters.
template <typename Context>
std::size_t parameter_count(const Context& context, std::size_t states) {
  const std::size_t per_parameter = 2 + states;
  const std::size_t given = context.input_count() - 2;
  context.check(given % per_parameter == 0, "expected {} tensors for each parameter, got {} in all",
                per_parameter, given);
  const std::size_t count = given / per_parameter;
  context.check(context.output_count() == count * (1 + states), "expected {} outputs, got {}",
                count * (1 + states), context.output_count());
  return count;
}

template <std::size_t states>
void infer_step(InferContext& context) {
  const std::size_t count = parameter_count(context, states);
  for (std::size_t i = 0; i < count; ++i) {
    context.set_output(i, context.input(2 + i));
    for (std::size_t s = 1; s <= states; ++s)
      context.set_output(s * count + i, context.input(2 + (1 + s) * count + i));
  }
}

/// One element of a parameter: its value, gradient and state, the latter two updated in place.
struct Element {
  double x;
  double g;
  double state[2];
};

// Calls update(element) for each element of each parameter, the gradient regularised by 'norm_coefficient'.
template <std::size_t states, typename Update>
void step(ReferenceContext& context, Update update) {
  const std::size_t count = parameter_count(context, states);
  const double norm = context.real("norm_coefficient");
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::vector<double>> columns;  // X, G, state...
    for (std::size_t column = 0; column < 2 + states; ++column) {
      const std::size_t input = 2 + column * count + i;
      context.check(context.shape(input) == context.shape(2 + i),
                    "expected shape {} as for its parameter, got {}", text(context.shape(2 + i)),
                    text(context.shape(input)));
      columns.push_back(context.doubles(input));
    }
    for (std::size_t at = 0; at < columns[0].size(); ++at) {
      Element element{columns[0][at], columns[1][at] + norm * columns[0][at], {}};
      for (std::size_t s = 0; s < states; ++s) element.state[s] = columns[2 + s][at];
      update(element);
      columns[0][at] = element.x;
      for (std::size_t s = 0; s < states; ++s) columns[2 + s][at] = element.state[s];
    }
    context.set_doubles(i, context.dtype(2 + i), context.shape(2 + i), columns[0]);
    for (std::size_t s = 0; s < states; ++s) {
      const std::size_t input = 2 + (2 + s) * count + i;
      context.set_doubles((1 + s) * count + i, context.dtype(input), context.shape(input), columns[2 + s]);
    }
  }
}

void reference_adagrad(ReferenceContext& context) {
  const double steps = static_cast<double>(context.integer_input(1, 0));
  const double rate = context.real_input(0, 0) / (1 + steps * context.real("decay_factor"));
  const double epsilon = context.real("epsilon");
  step<1>(context, [&](Element& e) {
    e.state[0] += e.g * e.g;
    e.x -= rate * e.g / (std::sqrt(e.state[0]) + epsilon);
  });
}

void reference_adam(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  const double beta = context.real("beta");
  const double epsilon = context.real("epsilon");
  const double post = context.real("norm_coefficient_post");
  const double steps = static_cast<double>(context.integer_input(1, 0));
  double rate = context.real_input(0, 0);
  if (steps > 0) rate *= std::sqrt(1 - std::pow(beta, steps)) / (1 - std::pow(alpha, steps));
  step<2>(context, [&](Element& e) {
    e.state[0] = alpha * e.state[0] + (1 - alpha) * e.g;
    e.state[1] = beta * e.state[1] + (1 - beta) * e.g * e.g;
    e.x = (1 - post) * (e.x - rate * e.state[0] / (std::sqrt(e.state[1]) + epsilon));
  });
}

template <typename Context>
bool is_nesterov(const Context& context) {
  const std::string mode = context.string("mode");
  context.check(mode == "standard" || mode == "nesterov",
                "expected standard or nesterov as attribute 'mode', got '{}'", mode);
  return mode == "nesterov";
}

void infer_momentum(InferContext& context) {
  is_nesterov(context);
  infer_step<1>(context);
}

void reference_momentum(ReferenceContext& context) {
  const bool nesterov = is_nesterov(context);
  const double rate = context.real_input(0, 0);
  const double alpha = context.real("alpha");
  // The first gradient counts in full.
  const double beta = context.integer_input(1, 0) > 0 ? context.real("beta") : 1;
  step<1>(context, [&](Element& e) {
    e.state[0] = alpha * e.state[0] + beta * e.g;
    e.x -= rate * (nesterov ? e.g + alpha * e.state[0] : e.state[0]);
  });
}

OpDef optimizer(std::string_view name, std::initializer_list<AttributeSpec> attributes,
                void (*infer)(InferContext&), void (*reference)(ReferenceContext&)) {
  return {.domain = kDomain,
          .name = name,
          .schema = {"R:T1, T:i64, inputs:T3** -> outputs:T3**",
                     {{"T1", kStepTypes}, {"T3", kStepTypes}},
                     attributes},
          .infer = infer,
          .reference = reference};
}

}  // namespace

std::vector<OpDef> optimizers() {
  return {
      optimizer("Adagrad", {{"decay_factor", 0.0f}, {"epsilon", 1e-6f}, {"norm_coefficient", 0.0f}},
                infer_step<1>, reference_adagrad),
      optimizer("Adam",
                {{"alpha", 0.9f},
                 {"beta", 0.999f},
                 {"epsilon", 1e-6f},
                 {"norm_coefficient", 0.0f},
                 {"norm_coefficient_post", 0.0f}},
                infer_step<2>, reference_adam),
      optimizer("Momentum",
                {{"alpha", AttributeKind::Real, kRequired},
                 {"beta", AttributeKind::Real, kRequired},
                 {"mode", AttributeKind::String, kRequired},
                 {"norm_coefficient", AttributeKind::Real, kRequired}},
                infer_momentum, reference_momentum),
  };
}

}  // namespace atlas::ops

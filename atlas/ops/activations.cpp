// Activation functions of neural networks, element by element.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/scalar_like.h"

namespace atlas::ops {
namespace {

// Floats in double with one rounding at the end.
template <typename Function>
void map_reals(ReferenceContext& context, Function function) {
  std::vector<double> values = context.doubles(0);
  for (double& value : values) value = function(value);
  context.set_doubles(0, context.dtype(0), context.shape(0), values);
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
// No overflow however large x is.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}
// Comparisons so that NaN stays.
double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

void reference_sigmoid(ReferenceContext& context) {
  map_reals(context, sigmoid);
}
void reference_hard_sigmoid(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  const double beta = context.real("beta");
  map_reals(context, [&](double x) { return clamp(alpha * x + beta, 0, 1); });
}
void reference_hard_swish(ReferenceContext& context) {
  map_reals(context, [](double x) { return x * clamp(x / 6 + 0.5, 0, 1); });
}
void reference_leaky_relu(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  map_reals(context, [&](double x) { return x < 0 ? alpha * x : x; });
}
void reference_thresholded_relu(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  map_reals(context, [&](double x) { return x > alpha ? x : 0; });
}
void reference_elu(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  map_reals(context, [&](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}
void reference_celu(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  map_reals(context, [&](double x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
}
void reference_selu(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  const double gamma = context.real("gamma");
  map_reals(context, [&](double x) { return gamma * (x < 0 ? alpha * std::expm1(x) : x); });
}
void reference_mish(ReferenceContext& context) {
  map_reals(context, [](double x) { return x * std::tanh(softplus(x)); });
}
void reference_softplus(ReferenceContext& context) {
  map_reals(context, softplus);
}
void reference_softsign(ReferenceContext& context) {
  map_reals(context, [](double x) { return x / (1 + std::fabs(x)); });
}
void reference_swish(ReferenceContext& context) {
  const double alpha = context.real("alpha");
  map_reals(context, [&](double x) { return x * sigmoid(alpha * x); });
}

// Constants of the tanh form: sqrt(2 / pi) and 0.044715 (Hendrycks and Gimpel, 2016).
constexpr double kGeluScale = std::numbers::inv_sqrtpi * std::numbers::sqrt2;
constexpr double kGeluCube = 0.044715;

bool is_gelu_by_tanh(const std::string& approximate, const auto& context) {
  context.check(approximate == "none" || approximate == "tanh",
                "expected none or tanh as attribute 'approximate', got '{}'", approximate);
  return approximate == "tanh";
}

void infer_gelu(InferContext& context) {
  is_gelu_by_tanh(context.string("approximate"), context);
  infer_same_as_first(context);
}

void reference_gelu(ReferenceContext& context) {
  if (is_gelu_by_tanh(context.string("approximate"), context)) {
    map_reals(context,
              [](double x) { return 0.5 * x * (1 + std::tanh(kGeluScale * (x + kGeluCube * x * x * x))); });
  } else {
    map_reals(context, [](double x) { return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2)); });
  }
}

void reference_relu(ReferenceContext& context) {
  if (is_floating(context.dtype(0))) return map_reals(context, [](double x) { return x < 0 ? 0 : x; });
  std::vector<std::int64_t> values = context.integers(0);
  for (std::int64_t& value : values) value = std::max<std::int64_t>(value, 0);
  context.set_integers(0, context.dtype(0), context.shape(0), values);
}

// Float attributes against integers: compared in double, the bias truncated to the type as CastLike does.
void reference_shrink(ReferenceContext& context) {
  const double lambda = context.real("lambd");
  if (is_floating(context.dtype(0))) {
    const double bias = context.real("bias");
    return map_reals(context, [&](double x) { return x < -lambda ? x + bias : x > lambda ? x - bias : 0; });
  }
  const auto bias = static_cast<std::uint64_t>(to_ints(Tensor::scalar(context.real("bias"))).front());
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    std::vector<T> values = wide_numbers<T>(context.input(0));
    for (T& x : values) {
      const auto real = static_cast<double>(x);
      x = static_cast<T>(real < -lambda  ? static_cast<std::uint64_t>(x) + bias
                         : real > lambda ? static_cast<std::uint64_t>(x) - bias
                                         : 0);
    }
    context.set_output(0, narrow(context.dtype(0), context.shape(0), values));
  });
}

// The slope broadcasts to X, not the other way round.
void infer_prelu(InferContext& context) {
  if (context.dims(0) && context.dims(1))
    context.check(
        context.dims(1)->size() <= context.dims(0)->size() &&
            broadcast_dims(context, *context.dims(0), *context.dims(1)).size() == context.dims(0)->size(),
        "expected a slope that broadcasts to {}, got {}", text(*context.dims(0)), text(*context.dims(1)));
  infer_same_as_first(context);
}

void reference_prelu(ReferenceContext& context) {
  context.check(broadcast_inputs(context) == context.shape(0),
                "expected a slope that broadcasts to {}, got {}", text(context.shape(0)),
                text(context.shape(1)));
  combine_pairs(context, []<typename T>(T x, T slope) -> T {
    if constexpr (std::is_floating_point_v<T>)
      return x < 0 ? slope * x : x;
    else
      return x < 0 ? static_cast<T>(static_cast<std::uint64_t>(slope) * static_cast<std::uint64_t>(x)) : x;
  });
}

// Limits are scalars; one element in a vector is taken too. The upper one wins where they cross.
void reference_clip(ReferenceContext& context) {
  for (std::size_t i = 1; i < 3; ++i)
    context.check(!context.has_input(i) || context.input(i).element_count() == 1,
                  "expected a scalar limit, got {}", context.has_input(i) ? text(context.input(i)) : "");
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    std::vector<T> values = wide_numbers<T>(context.input(0));
    if (context.has_input(1)) {
      const T low = wide_numbers<T>(context.input(1)).front();
      for (T& x : values) x = x < low ? low : x;
    }
    if (context.has_input(2)) {
      const T high = wide_numbers<T>(context.input(2)).front();
      for (T& x : values) x = x > high ? high : x;
    }
    context.set_output(0, narrow(context.dtype(0), context.shape(0), values));
  });
}

Dim limit(const InferContext& context, std::size_t i) {
  const std::optional<Dims> content = context.content(i);
  return content && content->size() == 1 ? content->front() : Dim();
}

void infer_clip(InferContext& context) {
  infer_same_as_first(context);
  std::optional<Dims> content = context.content(0);
  if (!content) return;
  for (Dim& dim : *content) {
    if (context.has_input(1)) dim = max(dim, limit(context, 1));
    if (context.has_input(2)) dim = min(dim, limit(context, 2));
  }
  context.set_content(0, std::move(*content));
}

/// Short words for the decompositions below: x is input 0, constants are of its type.
struct Formula {
  DecomposeContext& context;
  ValueId x = context.input(0);

  ValueId scalar(double value) { return scalar_like(context, 0, value); }
  ValueId attribute(std::string_view name) { return scalar(context.real(name)); }
  ValueId op(std::string_view name, std::vector<ValueId> inputs) {
    return context.builder().op(name, std::move(inputs));
  }
  /// Where(x < 0, negative, positive).
  std::vector<ValueId> by_sign(ValueId negative, ValueId positive) {
    return {op("Where", {op("Less", {x, scalar(0)}), negative, positive})};
  }
};

std::vector<ValueId> decompose_clip(DecomposeContext& context) {
  Formula f{context};
  ValueId out = f.x;
  if (context.has_input(1)) out = f.op("Max", {out, context.input(1)});
  if (context.has_input(2)) out = f.op("Min", {out, context.input(2)});
  return {out};
}
std::vector<ValueId> decompose_celu(DecomposeContext& context) {
  Formula f{context};
  const ValueId alpha = f.attribute("alpha");
  return {f.op("Mul", {alpha, f.op("Elu", {f.op("Div", {f.x, alpha})})})};
}
std::vector<ValueId> decompose_elu(DecomposeContext& context) {
  Formula f{context};
  const ValueId rise = f.op("Sub", {f.op("Exp", {f.x}), f.scalar(1)});
  return f.by_sign(f.op("Mul", {f.attribute("alpha"), rise}), f.x);
}
std::vector<ValueId> decompose_gelu(DecomposeContext& context) {
  Formula f{context};
  const Attribute* approximate = context.attribute("approximate");
  ValueId curve = ValueId::None;
  if (approximate != nullptr && std::get<std::string>(*approximate) == "tanh") {
    const ValueId cube = f.op("Mul", {f.x, f.op("Mul", {f.x, f.x})});
    const ValueId inner = f.op("Add", {f.x, f.op("Mul", {f.scalar(kGeluCube), cube})});
    curve = f.op("Tanh", {f.op("Mul", {f.scalar(kGeluScale), inner})});
  } else {
    curve = f.op("Erf", {f.op("Div", {f.x, f.scalar(std::numbers::sqrt2)})});
  }
  return {f.op("Mul", {f.op("Mul", {f.scalar(0.5), f.x}), f.op("Add", {f.scalar(1), curve})})};
}

std::vector<ValueId> decompose_hard_sigmoid(DecomposeContext& context) {
  Formula f{context};
  const ValueId line = f.op("Add", {f.op("Mul", {f.x, f.attribute("alpha")}), f.attribute("beta")});
  return {f.op("Max", {f.op("Min", {line, f.scalar(1)}), f.scalar(0)})};
}
std::vector<ValueId> decompose_hard_swish(DecomposeContext& context) {
  const ValueId x = context.input(0);
  const ValueId gate = context.builder().op("HardSigmoid", {x}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
  return {context.builder().op("Mul", {x, gate})};
}
std::vector<ValueId> decompose_leaky_relu(DecomposeContext& context) {
  Formula f{context};
  return f.by_sign(f.op("Mul", {f.attribute("alpha"), f.x}), f.x);
}
std::vector<ValueId> decompose_mish(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Mul", {f.x, f.op("Tanh", {f.op("Softplus", {f.x})})})};
}
std::vector<ValueId> decompose_prelu(DecomposeContext& context) {
  Formula f{context};
  return f.by_sign(f.op("Mul", {context.input(1), f.x}), f.x);
}
std::vector<ValueId> decompose_relu(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Max", {f.x, f.scalar(0)})};
}
std::vector<ValueId> decompose_selu(DecomposeContext& context) {
  Formula f{context};
  const ValueId alpha = f.attribute("alpha");
  const ValueId gamma = f.attribute("gamma");
  const ValueId below = f.op("Sub", {f.op("Mul", {alpha, f.op("Exp", {f.x})}), alpha});
  return f.by_sign(f.op("Mul", {gamma, below}), f.op("Mul", {gamma, f.x}));
}
// Less and Add of unsigned integers would need a negative bound: those keep the operator.
std::vector<ValueId> decompose_shrink(DecomposeContext& context) {
  Formula f{context};
  const DType dtype = context.type(0).dtype;
  if (!is_floating(dtype)) return {};
  const ValueId lambda = f.attribute("lambd");
  const ValueId bias = f.attribute("bias");
  const ValueId above = f.op("Where", {f.op("Less", {lambda, f.x}), f.op("Sub", {f.x, bias}), f.scalar(0)});
  return {f.op("Where", {f.op("Less", {f.x, f.op("Neg", {lambda})}), f.op("Add", {f.x, bias}), above})};
}
std::vector<ValueId> decompose_softplus(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Log", {f.op("Add", {f.op("Exp", {f.x}), f.scalar(1)})})};
}
std::vector<ValueId> decompose_softsign(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Div", {f.x, f.op("Add", {f.scalar(1), f.op("Abs", {f.x})})})};
}
std::vector<ValueId> decompose_swish(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Mul", {f.x, f.op("Sigmoid", {f.op("Mul", {f.attribute("alpha"), f.x})})})};
}
std::vector<ValueId> decompose_thresholded_relu(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Where", {f.op("Less", {f.attribute("alpha"), f.x}), f.x, f.scalar(0)})};
}

OpDef activation(std::string_view name, void (*reference)(ReferenceContext&),
                 std::vector<ValueId> (*decompose)(DecomposeContext&) = nullptr,
                 std::initializer_list<AttributeSpec> attributes = {}) {
  return {.name = name,
          .schema = {"X:T -> Y:T", {{"T", types::kFloats}}, attributes},
          .infer = infer_same_as_first,
          .reference = reference,
          .decompose = decompose};
}

}  // namespace

std::vector<OpDef> activations() {
  return {
      {.name = "Celu",
       .schema = {"X:T -> Y:T", {{"T", {DType::F32}}}, {{"alpha", 1.0f}}},
       .infer = infer_same_as_first,
       .reference = reference_celu,
       .decompose = decompose_celu},
      {.name = "Clip",
       .schema = {"input:T, min?:T, max?:T -> output:T", {{"T", types::kNumbers}}},
       .infer = infer_clip,
       .reference = reference_clip,
       .decompose = decompose_clip},
      activation("Elu", reference_elu, decompose_elu, {{"alpha", 1.0f}}),
      {.name = "Gelu",
       .schema = {"X:T -> Y:T", {{"T", types::kFloats}}, {{"approximate", "none"}}},
       .infer = infer_gelu,
       .reference = reference_gelu,
       .decompose = decompose_gelu},
      activation("HardSigmoid", reference_hard_sigmoid, decompose_hard_sigmoid,
                 {{"alpha", 0.2f}, {"beta", 0.5f}}),
      activation("HardSwish", reference_hard_swish, decompose_hard_swish),
      activation("LeakyRelu", reference_leaky_relu, decompose_leaky_relu, {{"alpha", 0.01f}}),
      activation("Mish", reference_mish, decompose_mish),
      {.name = "PRelu",
       .schema = {"X:T, slope:T -> Y:T",
                  {{"T", types::kFloats | types::kIndices | TypeSet{DType::U32, DType::U64}}}},
       .infer = infer_prelu,
       .reference = reference_prelu,
       .decompose = decompose_prelu},
      {.name = "Relu",
       .schema = {"X:T -> Y:T", {{"T", types::kFloats | types::kSignedInts}}},
       .infer = infer_same_as_first,
       .reference = reference_relu,
       .decompose = decompose_relu},
      activation("Selu", reference_selu, decompose_selu,
                 {{"alpha", 1.67326319217681884765625f}, {"gamma", 1.05070102214813232421875f}}),
      {.name = "Shrink",
       .schema = {"input:T -> output:T",
                  {{"T", types::kInts | TypeSet{DType::F16, DType::F32, DType::F64}}},
                  {{"bias", 0.0f}, {"lambd", 0.5f}}},
       .infer = infer_same_as_first,
       .reference = reference_shrink,
       .decompose = decompose_shrink},
      activation("Sigmoid", reference_sigmoid),
      activation("Softplus", reference_softplus, decompose_softplus),
      activation("Softsign", reference_softsign, decompose_softsign),
      activation("Swish", reference_swish, decompose_swish, {{"alpha", 1.0f}}),
      activation("ThresholdedRelu", reference_thresholded_relu, decompose_thresholded_relu,
                 {{"alpha", 1.0f}}),
  };
}

}  // namespace atlas::ops

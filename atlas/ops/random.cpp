// Random numbers: uniform, normal, Bernoulli and multinomial draws.
#include <algorithm>
#include <bit>
#include <cmath>

#include "atlas/base/rng.h"
#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"
#include "atlas/ops/result_limit.h"

namespace atlas::ops {
namespace {

// A node that names a seed always draws the same.
Rng generator(const ReferenceContext& context) {
  if (context.has_attribute("seed")) return Rng(std::bit_cast<std::uint32_t>(context.real("seed")));
  return Rng(context.seed());
}

int significand_bits(DType dtype) {
  switch (dtype) {
    case DType::F64:
      return 53;
    case DType::F16:
      return 11;
    case DType::BF16:
      return 8;
    default:
      return 24;
  }
}

// Attribute 'dtype', or that of input 0; must be among `allowed`.
template <typename Context>
DType result_dtype(const Context& context, const TypeSet& allowed) {
  std::int64_t number = context.integer("dtype", -1);
  if (!context.has_attribute("dtype")) number = static_cast<std::int64_t>(context.dtype(0));
  const bool known = is_dtype(number);
  context.check(known || !context.has_attribute("dtype"), "attribute 'dtype' is {}, which is no element type",
                number);
  const DType dtype = known ? static_cast<DType>(number) : DType::Undefined;
  context.check(!known || (allowed.tensor >> number & 1) != 0, "cannot draw elements of type {}",
                name(dtype));
  return dtype;
}

constexpr TypeSet kBernoulliTypes = types::kNumbers | types::kBool;

void infer_from_shape(InferContext& context) {
  const std::vector<std::int64_t> shape = context.ints("shape");
  for (const std::int64_t extent : shape) context.check(extent >= 0, "attribute 'shape' holds {}", extent);
  context.set_output(0, result_dtype(context, types::kFloats), dims_of(shape));
}

void infer_like(InferContext& context) {
  context.set_output(0, result_dtype(context, types::kFloats), context.dims(0));
}

void fill_uniform(ReferenceContext& context, const Shape& shape) {
  check_result_size(context, shape);
  const DType dtype = result_dtype(context, types::kFloats);
  const double low = context.real("low");
  const double high = context.real("high");
  Rng rng = generator(context);
  std::vector<double> values(element_count(shape));
  for (double& value : values) value = low + (high - low) * rng.uniform(significand_bits(dtype));
  context.set_doubles(0, dtype, shape, values);
}

void fill_normal(ReferenceContext& context, const Shape& shape) {
  check_result_size(context, shape);
  const DType dtype = result_dtype(context, types::kFloats);
  const double mean = context.real("mean");
  const double scale = context.real("scale");
  Rng rng = generator(context);
  std::vector<double> values(element_count(shape));
  for (double& value : values) value = mean + scale * rng.normal();
  context.set_doubles(0, dtype, shape, values);
}

void random_uniform(ReferenceContext& context) {
  fill_uniform(context, context.ints("shape"));
}
void random_uniform_like(ReferenceContext& context) {
  fill_uniform(context, context.shape(0));
}
void random_normal(ReferenceContext& context) {
  fill_normal(context, context.ints("shape"));
}
void random_normal_like(ReferenceContext& context) {
  fill_normal(context, context.shape(0));
}

void infer_bernoulli(InferContext& context) {
  context.set_output(0, result_dtype(context, kBernoulliTypes), context.dims(0));
}

void bernoulli(ReferenceContext& context) {
  Rng rng = generator(context);
  const int precision = significand_bits(context.dtype(0));
  std::vector<std::int64_t> drawn;
  for (const double probability : context.doubles(0)) drawn.push_back(rng.uniform(precision) < probability);
  const std::vector<double> values(drawn.begin(), drawn.end());
  context.set_doubles(0, result_dtype(context, kBernoulliTypes), context.shape(0), values);
}

// The standard's function body compares with Greater, which draws 1 with probability 1 - p; its text and this
// one say p.
std::vector<ValueId> decompose_bernoulli(DecomposeContext& context) {
  const Type type = context.type(0);
  if (!type.is_tensor() || type.dtype == DType::Undefined) return {};
  Attributes draw;
  if (const Attribute* seed = context.attribute("seed")) draw.set("seed", *seed);
  const std::int64_t to = context.integer("dtype", static_cast<std::int64_t>(type.dtype));
  GraphBuilder& b = context.builder();
  const ValueId uniform = b.op("RandomUniformLike", {context.input(0)}, draw);
  return {b.op("Cast", {b.op("Less", {uniform, context.input(0)})}, {{"to", to}})};
}

void infer_multinomial(InferContext& context) {
  const std::int64_t samples = context.integer("sample_size");
  context.check(samples >= 0, "attribute 'sample_size' is {}", samples);
  std::optional<Dims> dims;
  if (context.dims(0)) {
    context.check(context.dims(0)->size() == 2, "expected an input of rank 2, got {}",
                  context.dims(0)->size());
    dims = Dims{context.dims(0)->front(), Dim(samples)};
  }
  context.set_output(0, result_dtype(context, types::kIndices), dims);
}

// The input holds unnormalised logarithms of the probabilities.
void multinomial(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  context.check(shape.size() == 2, "expected an input of rank 2, got {}", shape.size());
  const auto rows = static_cast<std::size_t>(shape[0]);
  const auto classes = static_cast<std::size_t>(shape[1]);
  const std::int64_t samples = context.integer("sample_size");
  const Shape out_shape = {shape[0], samples};
  check_result_size(context, out_shape);
  context.check(classes > 0 || element_count(out_shape) == 0, "no class to draw from");

  Rng rng = generator(context);
  const std::vector<double> logits = context.doubles(0);
  std::vector<std::int64_t> drawn(element_count(out_shape));
  std::vector<double> cumulative(classes);
  for (std::size_t row = 0; row < rows && classes > 0; ++row) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row * classes);
    const double peak = *std::max_element(begin, begin + static_cast<std::ptrdiff_t>(classes));
    double sum = 0;
    for (std::size_t i = 0; i < classes; ++i) cumulative[i] = sum += std::exp(begin[i] - peak);
    context.check(std::isfinite(sum), "row {} holds no probabilities", row);
    for (std::int64_t i = 0; i < samples; ++i) {
      const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), rng.uniform() * sum);
      drawn[row * samples + i] = std::min<std::int64_t>(at - cumulative.begin(), shape[1] - 1);
    }
  }
  context.set_integers(0, result_dtype(context, types::kIndices), out_shape, drawn);
}

}  // namespace

std::vector<OpDef> random() {
  using namespace types;
  const AttributeSpec seed = {"seed", AttributeKind::Real};
  const AttributeSpec shape = {"shape", AttributeKind::Integers, kRequired};
  const AttributeSpec any_dtype = {"dtype", AttributeKind::Integer};
  const AttributeSpec mean = {"mean", Attribute(0.0f)};
  const AttributeSpec scale = {"scale", Attribute(1.0f)};
  const AttributeSpec low = {"low", Attribute(0.0f)};
  const AttributeSpec high = {"high", Attribute(1.0f)};
  std::vector<OpDef> out = {
      {.name = "RandomNormal",
       .schema = {"-> output:T", {{"T", kFloats}}, {shape, {"dtype", 1}, seed, scale, mean}},
       .infer = infer_from_shape,
       .reference = random_normal},
      {.name = "RandomNormalLike",
       .schema = {"input:T1 -> output:T2", {{"T1", kPlain}, {"T2", kFloats}}, {any_dtype, seed, scale, mean}},
       .infer = infer_like,
       .reference = random_normal_like},
      {.name = "RandomUniform",
       .schema = {"-> output:T", {{"T", kFloats}}, {shape, {"dtype", 1}, seed, high, low}},
       .infer = infer_from_shape,
       .reference = random_uniform},
      {.name = "RandomUniformLike",
       .schema = {"input:T1 -> output:T2", {{"T1", kPlain}, {"T2", kFloats}}, {any_dtype, seed, high, low}},
       .infer = infer_like,
       .reference = random_uniform_like},
      {.name = "Bernoulli",
       .schema = {"input:T1 -> output:T2", {{"T1", kFloats}, {"T2", kBernoulliTypes}}, {any_dtype, seed}},
       .infer = infer_bernoulli,
       .reference = bernoulli,
       .decompose = decompose_bernoulli},
      {.name = "Multinomial",
       .schema = {"input:T1 -> output:T2",
                  {{"T1", kFloats}, {"T2", kIndices}},
                  {{"dtype", 6}, seed, {"sample_size", 1}}},
       .infer = infer_multinomial,
       .reference = multinomial},
  };
  for (OpDef& op : out) op.nondeterministic = true;
  return out;
}

}  // namespace atlas::ops

// Dropout: in training elements fall away at random, otherwise nothing happens.
#include <random>

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kDroppable =
    types::kFloats | TypeSet{DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2, DType::F8E5M2FNUZ};

void infer_dropout(InferContext& context) {
  context.set_output(0, context.input(0));
  context.set_output(1, DType::Bool, context.dims(0));
}

// In [0, 1): 53 bits out of two draws, as numpy's RandomState makes them, so that a seed gives the mask that
// it gives there.
double uniform(std::mt19937& generator) {
  const std::uint32_t high = static_cast<std::uint32_t>(generator()) >> 5;
  const std::uint32_t low = static_cast<std::uint32_t>(generator()) >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

void reference_dropout(ReferenceContext& context) {
  const Shape& shape = context.shape(0);
  const double ratio = context.real_input(1, 0.5);
  const bool trains = context.integer_input(2, 0) != 0;
  std::vector<std::int64_t> mask(context.input(0).element_count(), 1);
  if (!trains || ratio == 0) {
    context.set_output(0, context.input(0));
    return context.set_integers(1, DType::Bool, shape, mask);
  }
  context.check(ratio > 0 && ratio < 1, "expected a ratio in [0, 1), got {}", ratio);
  const auto seed =
      context.has_attribute("seed") ? static_cast<std::uint64_t>(context.integer("seed")) : context.seed();
  std::mt19937 generator(static_cast<std::uint32_t>(seed));
  std::vector<double> values = context.doubles(0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    mask[i] = uniform(generator) >= ratio;
    values[i] = mask[i] != 0 ? values[i] / (1 - ratio) : 0;
  }
  context.set_doubles(0, context.dtype(0), shape, values);
  context.set_integers(1, DType::Bool, shape, mask);
}

// Where it cannot be training: the data itself, and a mask of ones.
std::vector<ValueId> decompose_dropout(DecomposeContext& context) {
  if (context.has_input(2)) return {};
  if (!context.has_output(1)) return {context.input(0)};
  GraphBuilder& builder = context.builder();
  return {context.input(0), builder.op("ConstantOfShape", {builder.op("Shape", {context.input(0)})},
                                       {{"value", Tensor::of<bool>({1}, {true})}})};
}

}  // namespace

std::vector<OpDef> dropout() {
  return {
      {.name = "Dropout",
       .schema = {"data:T, ratio?:T1, training_mode?:bool -> output:T, mask?:bool",
                  {{"T", kDroppable}, {"T1", kDroppable}},
                  {{"seed", AttributeKind::Integer}}},
       .infer = infer_dropout,
       .reference = reference_dropout,
       .decompose = decompose_dropout,
       .nondeterministic = true},
  };
}

}  // namespace atlas::ops

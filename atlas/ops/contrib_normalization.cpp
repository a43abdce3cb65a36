// ONNX Runtime's normalisations of layers with residuals and embeddings, and its softmax with a bias.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

std::vector<ValueId> normalised_layer(Formula& f, ValueId x, ValueId scale, ValueId bias) {
  return f.builder.ops("LayerNormalization", {x, scale, bias}, 3, {{"epsilon", f.context.real("epsilon")}});
}

// 1 / sqrt(mean(x^2) + epsilon) along the last axis, in f32.
ValueId inverse_root_mean_square(Formula& f, ValueId x, std::vector<std::int64_t> axes) {
  const ValueId wide = f.cast(x, DType::F32);
  const ValueId mean = f.op("ReduceMean", {f.mul(wide, wide), f.ints(std::move(axes))});
  return f.op("Reciprocal", {f.op("Sqrt", {f.add(mean, f.builder.scalar(f.context.real("epsilon")))})});
}

std::vector<ValueId> decompose_simplified(DecomposeContext& context) {
  Formula f{context};
  const ValueId y = f.op("RMSNormalization", {f.input(0), f.input(1)},
                         {{"axis", context.integer("axis")},
                          {"epsilon", context.real("epsilon")},
                          {"stash_type", context.integer("stash_type")}});
  if (!context.has_output(1)) return {y, ValueId::None};
  if (!context.type(0).dims) return {};
  const auto rank = static_cast<std::int64_t>(context.type(0).dims->size());
  std::int64_t axis = context.integer("axis");
  require(axis >= -rank && axis < rank, "{}: axis {} is outside of {} axes", describe(context.node()), axis,
          rank);
  if (axis < 0) axis += rank;
  std::vector<std::int64_t> axes;
  for (; axis < rank; ++axis) axes.push_back(axis);
  return {y, inverse_root_mean_square(f, f.input(0), axes)};
}

std::vector<ValueId> decompose_skip(DecomposeContext& context) {
  Formula f{context};
  const ValueId sum = f.add_given(f.add(f.input(0), f.input(1)), f.input(4));
  const std::vector<ValueId> out = normalised_layer(f, sum, f.input(2), f.input(3));
  return {out[0], out[1], out[2], sum};
}

std::vector<ValueId> decompose_skip_simplified(DecomposeContext& context) {
  Formula f{context};
  const ValueId sum = f.add_given(f.add(f.input(0), f.input(1)), f.input(3));
  const ValueId y = f.op("RMSNormalization", {sum, f.input(2)}, {{"epsilon", context.real("epsilon")}});
  const ValueId inverse = inverse_root_mean_square(f, sum, {-1});
  return {y, f.sub(inverse, inverse), inverse, sum};  // no mean is taken off: zeros
}

// Words, their places and their segments, summed and normalised; counts the words that the mask keeps.
std::vector<ValueId> decompose_embed(DecomposeContext& context) {
  Formula f{context};
  const ValueId ids = f.input(0);
  ValueId sum = f.op("Gather", {f.input(2), ids});
  if (context.has_input(8)) {
    sum = f.add(sum, f.op("Gather", {f.input(3), f.input(8)}));
  } else {
    sum = f.add(sum, f.slice(f.input(3), f.ints({0}), f.dims(ids, 1), 0));
  }
  if (context.has_input(1) && context.has_input(4))
    sum = f.add(sum, f.op("Gather", {f.input(4), f.input(1)}));
  const ValueId y = normalised_layer(f, sum, f.input(5), f.input(6))[0];
  ValueId counts = ValueId::None;
  if (context.has_output(1)) {
    const ValueId one = f.builder.constant(Tensor::scalar(std::int32_t{1}));
    counts =
        context.has_input(7)
            ? f.op("ReduceSum", {f.cast(f.op("Equal", {f.input(7), one}), DType::I32), f.ints({1})},
                   {{"keepdims", std::int64_t{0}}})
            : f.op("ConstantOfShape", {f.dims(ids, 0, 1)}, {{"value", Tensor::of<std::int32_t>({1}, {0})}});
  }
  return {y, counts, sum};
}

// softmax(data + bias) over the axes from `axis` on as one.
std::vector<ValueId> decompose_bias_softmax(DecomposeContext& context) {
  if (!context.type(0).dims) return {};
  Formula f{context};
  const auto rank = static_cast<std::int64_t>(context.type(0).dims->size());
  const std::int64_t axis = context.integer("axis");
  const ValueId sum = f.add(f.input(0), f.input(1));
  if (axis == -1 || axis == rank - 1) return {f.op("Softmax", {sum})};
  const ValueId flat = f.op("Softmax", {f.op("Flatten", {sum}, {{"axis", axis}})});
  return {f.reshape(flat, f.dims(sum, 0))};
}

}  // namespace

std::vector<OpDef> contrib_normalization() {
  const TypeSet floats = types::kFloats;
  OpDef simplified = contrib_op("SimplifiedLayerNormalization",
                                {"X:T, scale:V -> Y:V, inv_std_var?:f32",
                                 {{"T", floats}, {"V", floats}},
                                 {{"axis", -1}, {"epsilon", 1e-5f}, {"stash_type", 1}}},
                                decompose_simplified);
  simplified.domain = "";
  return {
      contrib_op("BiasSoftmax",
                 {"data:T, bias:T -> output:T",
                  {{"T", floats}},
                  {{"axis", 1}, {"is_inner_broadcast", AttributeKind::Integer, kRequired}}},
                 decompose_bias_softmax),
      contrib_op("EmbedLayerNormalization",
                 {"input_ids:i32, segment_ids?:i32, word_embedding:T, position_embedding:T, "
                  "segment_embedding?:T, gamma:T, beta:T, mask?:i32, position_ids?:i32 -> output:T, "
                  "mask_index?:i32, embedding_sum?:T",
                  {{"T", {DType::F32, DType::F16}}},
                  {{"epsilon", 1e-12f}, {"mask_index_type", 0}}},
                 decompose_embed),
      simplified,
      contrib_op("SkipLayerNormalization",
                 {"input:T, skip:T, gamma:T, beta?:T, bias?:T -> output:T, mean?:f32, inv_std_var?:f32, "
                  "input_skip_bias_sum?:T",
                  {{"T", floats}},
                  {{"epsilon", 1e-12f}}},
                 decompose_skip),
      contrib_op("SkipSimplifiedLayerNormalization",
                 {"input:T, skip:T, gamma:T, bias?:T -> output:T, mean?:f32, inv_std_var?:f32, "
                  "input_skip_bias_sum?:T",
                  {{"T", floats}},
                  {{"epsilon", 1e-12f}}},
                 decompose_skip_simplified),
  };
}

}  // namespace atlas::ops

// Attention whose scores and probabilities pass through graphs of the model's own.
#include <array>
#include <cmath>

#include "atlas/ops/attention_core.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

// The type that scores are kept in.
DType score_type(const Attribute* precision, DType input) {
  if (precision == nullptr) return input == DType::F64 ? DType::F64 : DType::F32;
  const std::int64_t number = std::get<std::int64_t>(*precision);
  require(is_dtype(number) && is_floating(static_cast<DType>(number)),
          "FlexAttention: expected a floating-point type as softmax_precision, got {}", number);
  return static_cast<DType>(number);
}

void modify(const ReferenceContext& context, std::string_view attribute, DType dtype, const Shape& shape,
            std::vector<double>& values) {
  if (!context.has_attribute(attribute)) return;
  const Datum inputs[] = {from_doubles(dtype, shape, values)};
  const std::vector<Datum> out = context.run_body(context.body(attribute), inputs);
  context.check(out.size() == 1 && out[0].is_tensor() && out[0].tensor().shape() == shape,
                "expected {} to keep the shape {}", attribute, text(shape));
  values = to_doubles(out[0].tensor());
}

void reference_flex_attention(ReferenceContext& context) {
  for (std::size_t i = 0; i < 3; ++i)
    context.check(context.shape(i).size() == 4, "expected Q, K and V of rank 4, got {}",
                  text(context.shape(i)));
  const Heads q = read_heads(context, 0, 1, "Q");
  const Heads k = read_heads(context, 1, 1, "K");
  const Heads v = read_heads(context, 2, 1, "V");
  context.check(v.batch == k.batch && v.heads == k.heads && v.length == k.length,
                "expected keys and values that fit, got {} and {}", text(k.shape()), text(v.shape()));
  const double scale =
      context.has_attribute("scale") ? context.real("scale") : 1 / std::sqrt(static_cast<double>(q.size));
  const DType dtype = score_type(context.attribute("softmax_precision"), context.dtype(0));
  const Shape shape = {q.batch, q.heads, q.length, k.length};
  std::vector<double> scores = attention_scores(context, q, k, scale);
  modify(context, "score_mod", dtype, shape, scores);
  softmax_rows(scores, k.length);
  modify(context, "prob_mod", dtype, shape, scores);
  const Heads y = weighted_values(q, scores, v);
  context.set_doubles(0, context.dtype(0), y.shape(), y.values);
}

void infer_flex_attention(InferContext& context) {
  std::array<Dims, 3> dims;
  for (std::size_t i = 0; i < 3; ++i) {
    dims[i] = context.dims(i).value_or(Dims(4));
    context.check(dims[i].size() == 4, "expected Q, K and V of rank 4, got {}", text(context.input(i)));
  }
  const auto& [q, k, v] = dims;
  const DType dtype = score_type(context.attribute("softmax_precision"), context.dtype(0));
  for (const char* body : {"score_mod", "prob_mod"})
    if (context.has_attribute(body))
      context.infer_body(body, {Type::tensor(dtype, Dims{q[0], q[1], q[2], k[2]})});
  context.set_output(0, context.dtype(0), Dims{q[0], q[1], q[2], v[3]});
}

// Two products with every key and the softmax between them; the graphs' own work is not counted.
Cost cost_flex_attention(const CostContext& context) {
  const std::vector<std::int64_t> q = context.input_shape(0);
  const double rows = static_cast<double>(q[0]) * static_cast<double>(q[1]) * static_cast<double>(q[2]);
  const double keys = static_cast<double>(context.input_shape(1)[2]);
  const double widths = static_cast<double>(q[3] + context.input_shape(2)[3]);
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), rows * keys * (2 * widths + 5));
  return cost;
}

}  // namespace

std::vector<OpDef> flex_attention() {
  return {
      {.domain = "ai.onnx.preview",
       .name = "FlexAttention",
       .schema = {"Q:T1, K:T1, V:T1 -> Y:T1",
                  {{"T1", types::kFloats}},
                  {{"prob_mod", AttributeKind::Graph},
                   {"scale", AttributeKind::Real},
                   {"score_mod", AttributeKind::Graph},
                   {"softmax_precision", AttributeKind::Integer}}},
       .infer = infer_flex_attention,
       .reference = reference_flex_attention,
       .cost = cost_flex_attention},
  };
}

}  // namespace atlas::ops

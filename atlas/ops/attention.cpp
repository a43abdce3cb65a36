// Scaled dot-product attention with masks, caches, grouped heads and soft caps.
#include <cmath>
#include <limits>

#include "atlas/ops/attention_core.h"
#include "atlas/ops/broadcast_walk.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

// The cache of input `past`, then what is new.
Heads with_past(const ReferenceContext& context, std::size_t past, Heads fresh) {
  if (!context.has_input(past)) return fresh;
  const Shape& shape = context.shape(past);
  context.check(
      shape.size() == 4 && shape[0] == fresh.batch && shape[1] == fresh.heads && shape[3] == fresh.size,
      "expected a cache [{},{},past,{}], got {}", fresh.batch, fresh.heads, fresh.size, text(shape));
  const Heads before{shape[0], shape[1], shape[2], shape[3], context.doubles(past)};
  Heads out{fresh.batch, fresh.heads, before.length + fresh.length, fresh.size, {}};
  for (std::int64_t b = 0; b < out.batch; ++b) {
    for (std::int64_t h = 0; h < out.heads; ++h) {
      for (const Heads* part : {&before, static_cast<const Heads*>(&fresh)}) {
        const double* first = part->row(b, h, 0);
        out.values.insert(out.values.end(), first, first + part->length * part->size);
      }
    }
  }
  return out;
}

// What is added to the scores, [batch, heads, queries, keys].
std::vector<double> read_bias(const ReferenceContext& context, const Shape& scores, std::int64_t past) {
  std::vector<double> out(element_count(scores), 0);
  const std::int64_t keys = scores[3];
  if (context.has_input(3)) {
    Shape shape = context.shape(3);
    std::vector<double> mask = context.doubles(3);
    if (context.dtype(3) == DType::Bool)
      for (double& value : mask) value = value != 0 ? 0 : kMasked;
    context.check(!shape.empty() && shape.size() <= 4, "expected a mask of rank 1 to 4, got {}", text(shape));
    // A mask that is too short leaves out the last keys.
    if (shape.back() < keys) {
      const std::size_t width = static_cast<std::size_t>(shape.back());
      std::vector<double> padded;
      const std::size_t rows = element_count(std::span(shape).first(shape.size() - 1));
      for (std::size_t row = 0; row < rows; ++row) {
        const auto start = mask.begin() + static_cast<std::ptrdiff_t>(row * width);
        padded.insert(padded.end(), start, start + static_cast<std::ptrdiff_t>(width));
        padded.insert(padded.end(), static_cast<std::size_t>(keys) - width, kMasked);
      }
      mask = std::move(padded);
      shape.back() = keys;
    }
    context.check(broadcast(shape, scores) == scores, "expected a mask that broadcasts to {}, got {}",
                  text(scores), text(shape));
    out = broadcast_values(std::move(mask), shape, scores);
  }
  std::vector<std::int64_t> valid(static_cast<std::size_t>(scores[0]), keys);
  if (context.has_input(6)) {
    valid = context.integers(6);
    context.check(valid.size() == static_cast<std::size_t>(scores[0]), "expected {} nonpad_kv_seqlen, got {}",
                  scores[0], valid.size());
  }
  const bool causal = context.integer("is_causal") != 0;
  std::size_t at = 0;
  for (std::int64_t b = 0; b < scores[0]; ++b)
    for (std::int64_t h = 0; h < scores[1]; ++h)
      for (std::int64_t i = 0; i < scores[2]; ++i)
        for (std::int64_t j = 0; j < keys; ++j, ++at)
          if ((causal && past + i < j) || j >= valid[static_cast<std::size_t>(b)]) out[at] = kMasked;
  return out;
}

void reference_attention(ReferenceContext& context) {
  const std::size_t rank = context.shape(0).size();
  context.check(context.shape(1).size() == rank && context.shape(2).size() == rank,
                "expected Q, K and V of one rank, got {}, {} and {}", text(context.shape(0)),
                text(context.shape(1)), text(context.shape(2)));
  context.check(context.has_input(4) == context.has_input(5), "expected past_key and past_value together");
  const Heads q = read_heads(context, 0, context.integer("q_num_heads"), "Q");
  const Heads fresh_k = read_heads(context, 1, context.integer("kv_num_heads"), "K");
  const std::int64_t fresh = fresh_k.length;
  const Heads k = with_past(context, 4, fresh_k);
  const Heads v = with_past(context, 5, read_heads(context, 2, context.integer("kv_num_heads"), "V"));
  context.check(v.batch == k.batch && v.heads == k.heads && v.length == k.length,
                "expected keys and values that fit, got {} and {}", text(k.shape()), text(v.shape()));
  const double scale =
      context.has_attribute("scale") ? context.real("scale") : 1 / std::sqrt(static_cast<double>(q.size));
  const Shape score_shape = {q.batch, q.heads, q.length, k.length};
  const std::int64_t mode = context.integer("qk_matmul_output_mode");
  context.check(mode >= 0 && mode <= 3, "expected qk_matmul_output_mode from 0 to 3, got {}", mode);
  const auto show = [&](std::int64_t stage, const std::vector<double>& scores) {
    if (stage == mode) context.set_doubles(3, context.dtype(0), score_shape, scores);
  };

  std::vector<double> scores = attention_scores(context, q, k, scale);
  show(0, scores);
  const double cap = context.real("softcap");
  if (cap > 0)
    for (double& score : scores) score = cap * std::tanh(score / cap);
  show(1, scores);
  const std::vector<double> bias = read_bias(context, score_shape, k.length - fresh);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += bias[i];
  show(2, scores);
  softmax_rows(scores, k.length);
  show(3, scores);
  const Heads y = weighted_values(q, scores, v);
  if (rank == 4) {
    context.set_doubles(0, context.dtype(0), y.shape(), y.values);
  } else {
    context.set_doubles(0, context.dtype(0), {y.batch, y.length, y.heads * y.size}, packed(y));
  }
  context.set_doubles(1, context.dtype(1), k.shape(), k.values);
  context.set_doubles(2, context.dtype(2), v.shape(), v.values);
}

// [batch, heads, length, size] of an input, unknown Dims where it is not known.
Dims head_dims(const InferContext& context, std::size_t i, std::string_view heads) {
  const auto& dims = context.dims(i);
  if (!dims) return Dims(4);
  if (dims->size() == 4) return *dims;
  context.check(dims->size() == 3, "expected Q, K and V of rank 3 or 4, got {}", text(*dims));
  const std::int64_t count = context.integer(heads);
  context.check(count >= 1, "expected {} beside inputs of rank 3", heads);
  return {(*dims)[0], count, (*dims)[1], floor_div((*dims)[2], count)};
}

void infer_attention(InferContext& context) {
  const Dims q = head_dims(context, 0, "q_num_heads");
  Dims k = head_dims(context, 1, "kv_num_heads");
  Dims v = head_dims(context, 2, "kv_num_heads");
  for (const auto& [past, now] : {std::pair{std::size_t{4}, &k}, std::pair{std::size_t{5}, &v}}) {
    if (!context.has_input(past)) continue;
    const auto& before = context.dims(past);
    context.check(!before || before->size() == 4, "expected a cache of rank 4, got {}",
                  text(context.input(past)));
    (*now)[2] = before ? (*before)[2] + (*now)[2] : Dim();
  }
  if (context.dims(0)) {
    const bool packed_heads = context.dims(0)->size() == 3;
    context.set_output(0, context.dtype(0),
                       packed_heads ? Dims{q[0], q[2], q[1] * v[3]} : Dims{q[0], q[1], q[2], v[3]});
  } else {
    context.set_output(0, context.dtype(0), std::nullopt);
  }
  context.set_output(3, context.dtype(0), Dims{q[0], q[1], q[2], k[2]});
  context.set_output(1, context.dtype(1), std::move(k));
  context.set_output(2, context.dtype(2), std::move(v));
}

// Two products with every key, and the softmax between them.
Cost cost_attention(const CostContext& context) {
  const std::vector<std::int64_t> q = context.input_shape(0);
  const std::vector<std::int64_t> k = context.input_shape(1);
  const std::vector<std::int64_t> y = context.output_shape(0);
  const bool is_packed = q.size() == 3;
  double keys = static_cast<double>(k[is_packed ? 1 : 2]);
  if (context.has_input(4)) keys += static_cast<double>(context.input_shape(4)[2]);
  const double rows = static_cast<double>(q[0]) * static_cast<double>(is_packed ? q[1] : q[1] * q[2]);
  const double heads = is_packed ? static_cast<double>(context.integer("q_num_heads", 1)) : 1;
  const double widths = static_cast<double>(q.back() + y.back());
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), rows * keys * (2 * widths + 5 * heads));
  return cost;
}

}  // namespace

std::vector<OpDef> attention() {
  return {
      {.name = "Attention",
       .schema = {"Q:T1, K:T1, V:T2, attn_mask?:U, past_key?:T1, past_value?:T2, nonpad_kv_seqlen?:i64 -> "
                  "Y:T1, present_key?:T1, present_value?:T2, qk_matmul_output?:T1",
                  {{"T1", types::kFloats}, {"T2", types::kFloats}, {"U", types::kNumbers | types::kBool}},
                  {{"is_causal", 0},
                   {"kv_num_heads", AttributeKind::Integer},
                   {"q_num_heads", AttributeKind::Integer},
                   {"qk_matmul_output_mode", 0},
                   {"scale", AttributeKind::Real},
                   {"softcap", 0.0f},
                   {"softmax_precision", AttributeKind::Integer}}},
       .infer = infer_attention,
       .reference = reference_attention,
       .cost = cost_attention},
  };
}

}  // namespace atlas::ops

// ONNX Runtime's attentions and rotary embedding, by those of the standard.
#include <limits>

#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

// [batch, length, heads * size] to [batch, heads, length, size], and back.
ValueId apart(Formula& f, ValueId x, std::int64_t heads) {
  return f.transpose(f.reshape(x, {0, 0, heads, -1}), {0, 2, 1, 3});
}
ValueId together(Formula& f, ValueId x) {
  return f.reshape(f.transpose(x, {0, 2, 1, 3}), {0, 0, -1});
}

std::optional<std::size_t> rank_of(const DecomposeContext& context, std::size_t input) {
  if (!context.has_input(input) || !context.type(input).dims) return std::nullopt;
  return context.type(input).dims->size();
}

// `filter` where a key is masked, 0 elsewhere, as [batch|1, 1, queries|1, keys]. `mask` is of rank 1
// (lengths, then perhaps starts, of each sequence), 2 [batch, keys] or 3 [batch, queries, keys]; None for
// other masks.
ValueId mask_values(Formula& f, std::size_t input, ValueId key_count, double filter) {
  const ValueId mask = f.input(input);
  const std::optional<std::size_t> rank = rank_of(f.context, input);
  ValueId kept = ValueId::None;
  if (rank == 1) {
    const Dim count = f.context.type(input).dims->front();
    const auto& dims = f.context.type(0).dims;
    if (!dims || dims->empty() || !count.is_constant() || !dims->front().is_constant()) return ValueId::None;
    const std::int64_t batch = dims->front().value();
    const bool has_starts = count.value() != batch;
    if (has_starts && (count.value() % 2 != 0 || count.value() / 2 != batch)) return ValueId::None;
    const ValueId place = f.cast(f.count_to(key_count), DType::I32);
    const auto limit = [&](std::int64_t begin) {
      return f.reshape(f.slice(mask, f.ints({begin}), f.ints({begin + batch}), 0), {-1, 1, 1, 1});
    };
    kept = f.op("Less", {place, limit(0)});
    if (has_starts) kept = f.op("And", {kept, f.op("GreaterOrEqual", {place, limit(batch)})});
  } else if (rank == 2 || rank == 3) {
    const ValueId zero = f.builder.constant(Tensor::scalar(std::int32_t{0}));
    kept = f.op("Greater", {mask, zero});
    kept = f.unsqueeze(kept, rank == 2 ? std::vector<std::int64_t>{1, 2} : std::vector<std::int64_t>{1});
  } else {
    return ValueId::None;
  }
  return f.op("Where", {kept, f.number(0), f.number(filter)});
}

Attributes attention_attributes(const DecomposeContext& context) {
  Attributes out = {{"is_causal", context.integer("unidirectional")}};
  if (const float scale = context.real("scale"); scale != 0) out.set("scale", scale);
  return out;
}

std::vector<ValueId> decompose_attention(DecomposeContext& context) {
  const Attributes& given = context.node().attributes;
  if (context.has_input(6) || context.integer("do_rotary") != 0) return {};
  Formula f{context};
  const std::int64_t heads = context.integer("num_heads");
  const ValueId all = f.add_given(f.op("MatMul", {f.input(0), f.input(1)}), f.input(2));
  const std::vector<std::int64_t> sizes = given.integers("qkv_hidden_sizes");
  const std::vector<ValueId> qkv =
      sizes.empty()
          ? f.builder.ops("Split", {all}, 3, {{"axis", std::int64_t{2}}, {"num_outputs", std::int64_t{3}}})
          : f.builder.ops("Split", {all, f.ints(sizes)}, 3, {{"axis", std::int64_t{2}}});

  ValueId past_key = ValueId::None;
  ValueId past_value = ValueId::None;
  ValueId key_count = f.dims(f.input(0), 1, 2);
  if (context.has_input(4)) {
    past_key = f.op("Gather", {f.input(4), f.integer(0)});
    past_value = f.op("Gather", {f.input(4), f.integer(1)});
    key_count = f.add(key_count, f.dims(past_key, 2, 3));
  }
  ValueId bias = f.input(5);
  if (context.has_input(3)) {
    const ValueId mask = mask_values(f, 3, key_count, context.real("mask_filter_value"));
    if (mask == ValueId::None) return {};
    bias = f.add_given(mask, bias);
  }
  const std::vector<ValueId> out = f.builder.ops(
      "Attention",
      {apart(f, qkv[0], heads), apart(f, qkv[1], heads), apart(f, qkv[2], heads), bias, past_key, past_value},
      3, attention_attributes(context));
  ValueId present = ValueId::None;
  if (context.has_output(1)) present = f.concat({f.unsqueeze(out[1], {0}), f.unsqueeze(out[2], {0})}, 0);
  return {together(f, out[0]), present};
}

// Slots of axis 3 of [batch, length, heads, slots, size], each as [batch, heads, length, size].
std::vector<ValueId> unpacked_slots(Formula& f, ValueId x, std::int64_t count) {
  std::vector<ValueId> out;
  for (std::int64_t i = 0; i < count; ++i)
    out.push_back(f.transpose(f.op("Gather", {x, f.integer(i)}, {{"axis", std::int64_t{3}}}), {0, 2, 1, 3}));
  return out;
}

std::vector<ValueId> decompose_multi_head(DecomposeContext& context) {
  const std::optional<std::size_t> query_rank = rank_of(context, 0);
  const std::optional<std::size_t> key_rank = rank_of(context, 1);
  if (context.has_input(8) || context.has_input(9) || context.has_output(3) || !query_rank ||
      (context.has_input(1) && !key_rank))
    return {};
  Formula f{context};
  const std::int64_t heads = context.integer("num_heads");
  ValueId key = ValueId::None;
  ValueId value = ValueId::None;
  ValueId query = f.input(0);
  if (!key_rank) {
    if (query_rank != 5 || context.has_input(3)) return {};
    const std::vector<ValueId> slots = unpacked_slots(f, query, 3);
    query = slots[0];
    key = slots[1];
    value = slots[2];
  } else {
    const ValueId width = f.dims(query, 2, 3);
    const auto biased = [&](ValueId x, ValueId begin, ValueId end) {
      return context.has_input(3) ? f.add(x, f.slice(f.input(3), begin, end, 0)) : x;
    };
    query = apart(f, biased(query, f.ints({0}), width), heads);
    if (key_rank == 5) {
      if (context.has_input(3)) return {};
      const std::vector<ValueId> slots = unpacked_slots(f, f.input(1), 2);
      key = slots[0];
      value = slots[1];
    } else if (key_rank == 4) {
      key = f.input(1);
      value = f.input(2);
    } else {
      const ValueId twice = f.add(width, width);
      key = apart(f, biased(f.input(1), width, twice), heads);
      value = apart(f, biased(f.input(2), twice, f.ints({std::numeric_limits<std::int64_t>::max()})), heads);
    }
  }
  ValueId bias = f.input(5);
  if (context.has_input(4)) {
    ValueId key_count = f.dims(key, 2, 3);
    if (context.has_input(6)) key_count = f.add(key_count, f.dims(f.input(6), 2, 3));
    const ValueId mask = mask_values(f, 4, key_count, context.real("mask_filter_value"));
    if (mask == ValueId::None) return {};
    bias = f.add_given(mask, bias);
  }
  const std::vector<ValueId> out = f.builder.ops(
      "Attention", {query, key, value, bias, f.input(6), f.input(7)}, 3, attention_attributes(context));
  return {together(f, out[0]), out[1], out[2], ValueId::None};
}

// Where each query and key of a batch of sequences of different lengths stands; all I64.
struct Places {
  ValueId past;      // [batch, 1]: keys of the sequence before the new ones
  ValueId queries;   // [batch, length]
  ValueId keys;      // [capacity]
  ValueId capacity;  // [1]
};

// Past keys, then the new ones at their places, then zeros: [batch, heads, capacity, size].
ValueId present(Formula& f, const Places& places, ValueId past, ValueId added) {
  ValueId both = added;
  ValueId past_capacity = f.ints({0});
  if (past != ValueId::None) {
    both = f.concat({past, added}, 2);
    past_capacity = f.dims(past, 2, 3);
  }
  const ValueId offset = f.sub(places.keys, places.past);  // [batch, capacity]
  ValueId row =
      f.op("Where", {f.op("Less", {offset, f.integer(0)}), places.keys, f.add(offset, past_capacity)});
  const ValueId used = f.op("Less", {offset, f.dims(added, 2, 3)});
  row = f.op("Where", {used, row, f.integer(0)});
  const ValueId shape = f.joined({f.dims(added, 0, 2), places.capacity, f.dims(added, 3)});
  const ValueId gathered = f.op("GatherElements", {both, f.op("Expand", {f.unsqueeze(row, {1, 3}), shape})},
                                {{"axis", std::int64_t{2}}});
  return f.op("Where", {f.unsqueeze(used, {1, 3}), gathered, f.number(0)});
}

std::vector<ValueId> decompose_group_query(DecomposeContext& context) {
  for (std::size_t i = 11; i < context.node().inputs.size(); ++i)
    if (context.has_input(i)) return {};
  if (context.integer("smooth_softmax") > 0 || context.has_output(3)) return {};
  Formula f{context};
  const std::int64_t heads = context.integer("num_heads");
  const std::int64_t key_heads = context.integer("kv_num_heads");
  ValueId query = f.input(0);
  ValueId key = f.input(1);
  ValueId value = f.input(2);
  if (!context.has_input(1)) {
    const auto& dims = context.type(0).dims;
    if (!dims || dims->size() != 3 || !dims->back().is_constant() || heads <= 0 || key_heads <= 0 ||
        heads > INT16_MAX || key_heads > INT16_MAX)
      return {};
    const std::int64_t size = dims->back().value() / (heads + 2 * key_heads);
    const std::vector<ValueId> parts =
        f.builder.ops("Split", {query, f.ints({heads * size, key_heads * size, key_heads * size})}, 3,
                      {{"axis", std::int64_t{2}}});
    query = parts[0];
    key = parts[1];
    value = parts[2];
  }
  const ValueId length = f.dims(query, 1, 2);
  query = apart(f, query, heads);
  key = apart(f, key, key_heads);
  value = apart(f, value, key_heads);

  Places places;
  const ValueId totals = f.add(f.cast(f.reshape(f.input(5), {-1, 1}), DType::I64), f.integer(1));
  places.past = f.op("Max", {f.sub(totals, length), f.integer(0)});
  places.queries = f.add(places.past, f.count_to(length));
  places.capacity = f.cast(f.reshape(f.input(6), {1}), DType::I64);
  if (context.has_input(3)) places.capacity = f.op("Max", {places.capacity, f.dims(f.input(3), 2, 3)});
  places.keys = f.count_to(places.capacity);

  if (context.integer("do_rotary") != 0) {
    const auto rank = rank_of(context, 7);
    if (rank != 2 || !context.type(7).dims->back().is_constant()) return {};
    const Attributes attributes = {{"interleaved", context.integer("rotary_interleaved")},
                                   {"rotary_embedding_dim", 2 * context.type(7).dims->back().value()}};
    const ValueId turns = context.has_input(9) ? f.input(9) : places.queries;
    query = f.op("RotaryEmbedding", {query, f.input(7), f.input(8), turns}, attributes);
    key = f.op("RotaryEmbedding", {key, f.input(7), f.input(8), turns}, attributes);
  }
  const ValueId keys = present(f, places, f.input(3), key);
  const ValueId values = present(f, places, f.input(4), value);

  const ValueId behind = f.sub(f.unsqueeze(places.queries, {2}), places.keys);  // [batch, queries, keys]
  const ValueId written = f.op("Less", {places.keys, f.unsqueeze(totals, {2})});
  ValueId seen = f.op("And", {f.op("GreaterOrEqual", {behind, f.integer(0)}), written});
  if (const std::int64_t window = context.integer("local_window_size"); window >= 0)
    seen = f.op("And", {seen, f.op("Less", {behind, f.integer(window)})});
  const double hidden = context.type(0).dtype == DType::F16 ? -65504.0 : -3e38;
  ValueId bias = f.op("Where", {f.unsqueeze(seen, {1}), f.number(0), f.number(hidden)});
  if (context.has_input(10)) bias = f.add(bias, f.input(10));
  Attributes attributes = {{"softcap", context.real("softcap")}};
  if (const float scale = context.real("scale"); scale != 0) attributes.set("scale", scale);
  const ValueId y = f.op("Attention", {query, keys, values, bias}, attributes);
  return {together(f, y), keys, values};
}

std::vector<ValueId> decompose_rotary(DecomposeContext& context) {
  const std::optional<std::size_t> rank = rank_of(context, 0);
  const std::optional<std::size_t> place_rank = rank_of(context, 1);
  const std::optional<std::size_t> cache_rank = rank_of(context, 2);
  if ((rank != 3 && rank != 4) || !place_rank || cache_rank != 2 ||
      !context.type(2).dims->back().is_constant() || context.integer("is_packed_batching") != 0 ||
      context.real("scale") != 1)
    return {};
  Formula f{context};
  ValueId x = f.input(0);
  ValueId turns = f.input(1);
  if (place_rank == 1) {  // of the first element of every sequence
    const ValueId length = rank == 3 ? f.dims(x, 1, 2) : f.dims(x, 2, 3);
    turns = f.op("Expand",
                 {f.unsqueeze(f.add(turns, f.count_to(length)), {0}), f.joined({f.dims(x, 0, 1), length})});
  }
  const std::int64_t turned = 2 * context.type(2).dims->back().value();
  const std::int64_t heads = context.integer("num_heads");
  if (rank == 3)
    x = f.transpose(heads > 0 ? f.reshape(x, {0, 0, heads, -1}) : f.reshape(x, {0, 0, -1, turned}),
                    {0, 2, 1, 3});
  const ValueId y = f.op("RotaryEmbedding", {x, f.input(2), f.input(3), turns},
                         {{"interleaved", context.integer("interleaved")}, {"rotary_embedding_dim", turned}});
  return {rank == 3 ? together(f, y) : y};
}

}  // namespace

std::vector<OpDef> contrib_attention() {
  const TypeSet floats = {DType::F32, DType::F16, DType::BF16};
  const TypeSet i32 = {DType::I32};
  return {
      contrib_op("Attention",
                 {"input:T, weights:T, bias?:T, mask_index?:M, past?:T, attention_bias?:T, "
                  "past_sequence_length?:M -> output:T, present?:T",
                  {{"T", floats}, {"M", i32}},
                  {{"do_rotary", 0},
                   {"mask_filter_value", -10000.0f},
                   {"num_heads", AttributeKind::Integer, kRequired},
                   {"past_present_share_buffer", 0},
                   {"qkv_hidden_sizes", AttributeKind::Integers},
                   {"rotary_embedding_dim", 0},
                   {"scale", 0.0f},
                   {"unidirectional", 0}}},
                 decompose_attention),
      contrib_op("GroupQueryAttention",
                 {"query:T, key?:T, value?:T, past_key?:T, past_value?:T, seqlens_k:M, "
                  "total_sequence_length:M, cos_cache?:T, sin_cache?:T, position_ids?:i64, "
                  "attention_bias?:T, head_sink?:T -> output:T, present_key?:T, present_value?:T, "
                  "output_qk?:T",
                  {{"T", floats}, {"M", i32}},
                  {{"do_rotary", 0},
                   {"kv_num_heads", AttributeKind::Integer, kRequired},
                   {"local_window_size", -1},
                   {"num_heads", AttributeKind::Integer, kRequired},
                   {"qk_output", 0},
                   {"rotary_interleaved", 0},
                   {"scale", 0.0f},
                   {"smooth_softmax", -1},
                   {"softcap", 0.0f}}},
                 decompose_group_query),
      contrib_op("MultiHeadAttention",
                 {"query:T, key?:T, value?:T, bias?:T, key_padding_mask?:M, attention_bias?:T, past_key?:T, "
                  "past_value?:T, past_sequence_length?:M, cache_indirection?:M -> output:T, "
                  "present_key?:T, present_value?:T, qk?:T",
                  {{"T", floats}, {"M", i32}},
                  {{"mask_filter_value", -10000.0f},
                   {"num_heads", AttributeKind::Integer, kRequired},
                   {"scale", 0.0f},
                   {"unidirectional", 0}}},
                 decompose_multi_head),
      contrib_op("RotaryEmbedding",
                 {"input:T, position_ids:i64, cos_cache:T, sin_cache:T -> output:T",
                  {{"T", floats}},
                  {{"interleaved", 0},
                   {"is_packed_batching", 0},
                   {"num_heads", 0},
                   {"rotary_embedding_dim", 0},
                   {"scale", 1.0f}}},
                 decompose_rotary),
  };
}

}  // namespace atlas::ops

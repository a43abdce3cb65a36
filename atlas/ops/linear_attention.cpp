// Attention without a softmax: a state for each head, updated token by token; and rotary embeddings.
#include <array>
#include <cmath>

#include "atlas/ops/attention_core.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"
#include "atlas/ops/infer_context.h"
#include "atlas/ops/reference_context.h"

namespace atlas::ops {
namespace {

constexpr TypeSet kShortFloats = {DType::F16, DType::BF16, DType::F32};

// The gates of a token: [batch, length, heads * width], where heads may be 1 and shared.
struct Gate {
  std::int64_t heads = 1, width = 1;
  std::vector<double> values;

  double at(const Heads& k, std::int64_t b, std::int64_t h, std::int64_t t, std::int64_t d) const {
    const std::int64_t head = heads == 1 ? 0 : h;
    return values[static_cast<std::size_t>(((b * k.length + t) * heads + head) * width +
                                           (width == 1 ? 0 : d))];
  }
};

Gate read_gate(const ReferenceContext& context, std::size_t i, const Heads& k, bool wanted,
               std::string_view name) {
  Gate out;
  context.check(context.has_input(i) == wanted, "update_rule and input {} do not fit: expected {}", name,
                wanted ? "the input" : "none");
  if (!wanted) return out;
  const Shape& shape = context.shape(i);
  const bool is_decay = name == "decay";
  context.check(shape.size() == 3 && shape[0] == k.batch && shape[1] == k.length &&
                    (shape[2] == k.heads || (is_decay ? shape[2] == k.heads * k.size : shape[2] == 1)),
                "expected {} for {} tokens and {} heads, got {}", name, k.length, k.heads, text(shape));
  out.values = context.doubles(i);
  out.heads = shape[2] == 1 ? 1 : k.heads;
  out.width = shape[2] / out.heads;
  return out;
}

void reference_linear_attention(ReferenceContext& context) {
  const std::string rule = context.string("update_rule");
  const bool gated = rule == "gated" || rule == "gated_delta";
  const bool delta = rule == "delta" || rule == "gated_delta";
  context.check(gated || delta || rule == "linear",
                "expected update_rule linear, gated, delta or gated_delta, got '{}'", rule);
  for (std::size_t i = 0; i < 3; ++i)
    context.check(context.shape(i).size() == 3, "expected query, key and value of rank 3, got {}",
                  text(context.shape(i)));
  const Heads q = read_heads(context, 0, context.integer("q_num_heads"), "query");
  const Heads k = read_heads(context, 1, context.integer("kv_num_heads"), "key");
  const Heads v = read_heads(context, 2, context.integer("kv_num_heads"), "value");
  context.check(q.batch == k.batch && q.batch == v.batch && q.length == k.length && q.length == v.length &&
                    q.size == k.size && q.heads % k.heads == 0,
                "expected query, key and value that fit, got {}, {} and {}", text(q.shape()), text(k.shape()),
                text(v.shape()));
  const Gate decay = read_gate(context, 4, k, gated, "decay");
  const Gate beta = read_gate(context, 5, k, delta, "beta");
  const Shape state_shape = {k.batch, k.heads, k.size, v.size};
  std::vector<double> state(element_count(state_shape), 0);
  if (context.has_input(3)) {
    context.check(context.shape(3) == state_shape, "expected a past_state of {}, got {}", text(state_shape),
                  text(context.shape(3)));
    state = context.doubles(3);
  }
  const double given = context.real("scale");
  const double scale = given != 0 ? given : 1 / std::sqrt(static_cast<double>(q.size));
  const std::int64_t shared = q.heads / k.heads;
  Heads y{q.batch, q.heads, q.length, v.size, {}};
  y.values.resize(element_count(y.shape()));
  std::vector<double> write(static_cast<std::size_t>(v.size));
  for (std::int64_t b = 0; b < k.batch; ++b) {
    for (std::int64_t h = 0; h < k.heads; ++h) {
      double* s = state.data() + (b * k.heads + h) * k.size * v.size;
      for (std::int64_t t = 0; t < k.length; ++t) {
        const double* key = k.row(b, h, t);
        write.assign(v.row(b, h, t), v.row(b, h, t) + v.size);
        if (gated)
          for (std::int64_t d = 0; d < k.size; ++d)
            for (std::int64_t m = 0; m < v.size; ++m) s[d * v.size + m] *= std::exp(decay.at(k, b, h, t, d));
        if (delta) {
          for (std::int64_t m = 0; m < v.size; ++m) {
            double& value = write[static_cast<std::size_t>(m)];
            for (std::int64_t d = 0; d < k.size; ++d) value -= s[d * v.size + m] * key[d];
            value *= beta.at(k, b, h, t, 0);
          }
        }
        for (std::int64_t d = 0; d < k.size; ++d)
          for (std::int64_t m = 0; m < v.size; ++m)
            s[d * v.size + m] += key[d] * write[static_cast<std::size_t>(m)];
        for (std::int64_t g = h * shared; g < (h + 1) * shared; ++g) {
          double* out = y.values.data() + ((b * q.heads + g) * q.length + t) * v.size;
          for (std::int64_t d = 0; d < k.size; ++d)
            for (std::int64_t m = 0; m < v.size; ++m) out[m] += scale * q.row(b, g, t)[d] * s[d * v.size + m];
        }
      }
    }
  }
  context.set_doubles(0, context.dtype(0), {y.batch, y.length, y.heads * y.size}, packed(y));
  context.set_doubles(1, context.has_input(3) ? context.dtype(3) : context.dtype(0), state_shape, state);
}

void infer_linear_attention(InferContext& context) {
  std::array<Dims, 3> dims;
  for (std::size_t i = 0; i < 3; ++i) {
    dims[i] = context.dims(i).value_or(Dims(3));
    context.check(dims[i].size() == 3, "expected query, key and value of rank 3, got {}",
                  text(context.input(i)));
  }
  const auto& [q, k, v] = dims;
  const std::int64_t q_heads = context.integer("q_num_heads");
  const std::int64_t kv_heads = context.integer("kv_num_heads");
  context.check(q_heads >= 1 && kv_heads >= 1 && q_heads % kv_heads == 0,
                "expected q_num_heads to be a multiple of kv_num_heads, got {} and {}", q_heads, kv_heads);
  const Dim value_size = floor_div(v[2], kv_heads);
  context.set_output(0, context.dtype(0), Dims{q[0], q[1], value_size * Dim(q_heads)});
  context.set_output(1, context.has_input(3) ? context.dtype(3) : context.dtype(0),
                     Dims{q[0], kv_heads, floor_div(k[2], kv_heads), value_size});
}

// Each token reads, corrects and writes the state of each head.
Cost cost_linear_attention(const CostContext& context) {
  const std::vector<std::int64_t> q = context.input_shape(0);
  const std::vector<std::int64_t> state = context.output_shape(1);
  const double per_token =
      static_cast<double>(state[1]) * static_cast<double>(state[2]) * static_cast<double>(state[3]);
  const double readers =
      static_cast<double>(context.integer("q_num_heads", 1)) / static_cast<double>(state[1]);
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0),
                      static_cast<double>(q[0]) * static_cast<double>(q[1]) * per_token * (5 + 2 * readers));
  return cost;
}

// Cosines or sines for each token, [batch, length, width].
std::vector<double> read_cache(const ReferenceContext& context, std::size_t i, const Heads& x,
                               std::int64_t width) {
  const Shape& shape = context.shape(i);
  const std::vector<double> values = context.doubles(i);
  if (!context.has_input(3)) {
    context.check(shape == Shape({x.batch, x.length, width}), "expected a cache of shape [{},{},{}], got {}",
                  x.batch, x.length, width, text(shape));
    return values;
  }
  context.check(shape.size() == 2 && shape[1] == width, "expected a cache of shape [positions,{}], got {}",
                width, text(shape));
  context.check(context.shape(3) == Shape({x.batch, x.length}),
                "expected position_ids of shape [{},{}], got {}", x.batch, x.length, text(context.shape(3)));
  std::vector<double> out;
  for (const std::int64_t position : context.integers(3)) {
    context.check(position >= 0 && position < shape[0], "expected position_ids below {}, got {}", shape[0],
                  position);
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(position * width);
    out.insert(out.end(), row, row + static_cast<std::ptrdiff_t>(width));
  }
  return out;
}

// Su et al. 2021: pairs of elements turned by an angle that grows with the position.
void reference_rotary(ReferenceContext& context) {
  Heads x = read_heads(context, 0, context.integer("num_heads"), "X");
  const std::int64_t stated = context.integer("rotary_embedding_dim");
  const std::int64_t turned = stated != 0 ? stated : x.size;
  context.check(turned >= 0 && turned <= x.size && turned % 2 == 0,
                "expected an even number of at most {} elements to turn, got {}", x.size, turned);
  const std::int64_t half = turned / 2;
  const std::vector<double> cosines = read_cache(context, 1, x, half);
  const std::vector<double> sines = read_cache(context, 2, x, half);
  const bool interleaved = context.integer("interleaved") != 0;
  for (std::int64_t b = 0; b < x.batch; ++b) {
    for (std::int64_t h = 0; h < x.heads; ++h) {
      for (std::int64_t t = 0; t < x.length; ++t) {
        double* row = x.values.data() + ((b * x.heads + h) * x.length + t) * x.size;
        for (std::int64_t i = 0; i < half; ++i) {
          double& real = row[interleaved ? 2 * i : i];
          double& imaginary = row[interleaved ? 2 * i + 1 : i + half];
          const std::size_t at = static_cast<std::size_t>((b * x.length + t) * half + i);
          const double turned_real = cosines[at] * real - sines[at] * imaginary;
          imaginary = sines[at] * real + cosines[at] * imaginary;
          real = turned_real;
        }
      }
    }
  }
  const bool is_packed = context.shape(0).size() == 3;
  context.set_doubles(0, context.dtype(0), context.shape(0), is_packed ? packed(x) : x.values);
}

void infer_rotary(InferContext& context) {
  const auto& dims = context.dims(0);
  context.check(!dims || dims->size() == 3 || dims->size() == 4, "expected X of rank 3 or 4, got {}",
                text(context.input(0)));
  infer_same_as_first(context);
}

// Where the sizes of a head and of its turned part are known.
std::vector<ValueId> decompose_rotary(DecomposeContext& context) {
  const std::optional<Dims> dims = context.type(0).dims;
  if (!dims || dims->empty() || !dims->back().is_constant()) return {};
  const bool is_packed = dims->size() == 3;
  const std::int64_t heads = is_packed ? context.integer("num_heads") : 1;
  if ((!is_packed && dims->size() != 4) || heads <= 0) return {};
  const std::int64_t size = dims->back().value() / heads;
  const std::int64_t stated = context.integer("rotary_embedding_dim");
  const std::int64_t turned = stated != 0 ? stated : size;
  if (turned <= 0 || turned > size || turned % 2 != 0) return {};

  Formula f{context};
  ValueId x = f.input(0);
  if (is_packed) x = f.transpose(f.reshape(x, {0, 0, heads, size}), {0, 2, 1, 3});
  ValueId rest = ValueId::None;
  if (turned < size) {
    const std::vector<ValueId> parts =
        f.builder.ops("Split", {x, f.ints({turned, size - turned})}, 2, {{"axis", std::int64_t{3}}});
    x = parts[0];
    rest = parts[1];
  }
  const auto angles = [&](std::size_t cache) {
    const ValueId rows = context.has_input(3) ? f.op("Gather", {f.input(cache), f.input(3)}) : f.input(cache);
    return f.unsqueeze(rows, {1});
  };
  const ValueId cosine = angles(1);
  const ValueId sine = angles(2);
  const bool interleaved = context.integer("interleaved") != 0;
  const std::int64_t axis = interleaved ? 4 : 3;  // of the two numbers of a pair
  if (interleaved) x = f.reshape(x, {0, 0, 0, turned / 2, 2});
  std::vector<ValueId> pair =
      f.builder.ops("Split", {x}, 2, {{"axis", axis}, {"num_outputs", std::int64_t{2}}});
  if (interleaved)
    for (ValueId& number : pair) number = f.reshape(number, {0, 0, 0, turned / 2});
  ValueId real = f.sub(f.mul(pair[0], cosine), f.mul(pair[1], sine));
  ValueId imaginary = f.add(f.mul(pair[0], sine), f.mul(pair[1], cosine));
  if (interleaved) {
    real = f.unsqueeze(real, {4});
    imaginary = f.unsqueeze(imaginary, {4});
  }
  ValueId y = f.concat({real, imaginary}, axis);
  if (interleaved) y = f.reshape(y, {0, 0, 0, turned});
  if (rest != ValueId::None) y = f.concat({y, rest}, 3);
  return {is_packed ? f.reshape(f.transpose(y, {0, 2, 1, 3}), {0, 0, heads * size}) : y};
}

Cost cost_rotary(const CostContext& context) {
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0), 3 * context.output_elements(0));
  return cost;
}

}  // namespace

std::vector<OpDef> linear_attention() {
  return {
      {.name = "LinearAttention",
       .schema = {"query:T, key:T, value:T, past_state?:S, decay?:T, beta?:T -> output:T, present_state:S",
                  {{"T", kShortFloats}, {"S", kShortFloats}},
                  {{"chunk_size", 64},
                   {"kv_num_heads", AttributeKind::Integer, kRequired},
                   {"q_num_heads", AttributeKind::Integer, kRequired},
                   {"scale", 0.0f},
                   {"update_rule", "gated_delta"}}},
       .infer = infer_linear_attention,
       .reference = reference_linear_attention,
       .cost = cost_linear_attention},
      {.name = "RotaryEmbedding",
       .schema = {"X:T, cos_cache:T, sin_cache:T, position_ids?:i64 -> Y:T",
                  {{"T", kShortFloats}},
                  {{"interleaved", 0}, {"num_heads", AttributeKind::Integer}, {"rotary_embedding_dim", 0}}},
       .infer = infer_rotary,
       .reference = reference_rotary,
       .decompose = decompose_rotary,
       .cost = cost_rotary},
  };
}

}  // namespace atlas::ops

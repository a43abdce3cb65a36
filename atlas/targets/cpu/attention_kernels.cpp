// Attention in f32: what its inputs are, where they lie, and the cache.
#include <algorithm>
#include <cmath>
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/attention.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

/// Queries, keys or values as they lie in memory.
struct Heads {
  std::size_t batch = 0, heads = 0, length = 0, size = 0;
  HeadsView view;

  /// Contiguous [batch, heads, length, size].
  Heads(std::size_t b, std::size_t h, std::size_t l, std::size_t s, const float* values)
      : batch(b), heads(h), length(l), size(s), view{values, {h * l * s, l * s, s}} {}
};

// Of rank 4 as it is; of rank 3, [batch, length, heads * size], as its heads lie between each other.
Heads read_heads(const KernelContext& context, std::size_t i, std::int64_t heads) {
  const Tensor& x = context.input(i);
  const auto dim = [&](std::size_t axis) { return static_cast<std::size_t>(x.dim(axis)); };
  const float* values = x.values<float>().data();
  if (x.rank() == 4) return {dim(0), dim(1), dim(2), dim(3), values};
  context.check(x.rank() == 3 && heads >= 1 && x.dim(2) % heads == 0,
                "expected input {} for {} heads, got {}", i, heads, shown(x));
  const auto count = static_cast<std::size_t>(heads);
  Heads out(dim(0), count, dim(1), dim(2) / count, values);
  out.view.strides.row = dim(2);
  out.view.strides.head = out.size;
  return out;
}

// Copies rows of all heads to [batch, heads, `total`, size], from row `first` on.
void copy_rows(const Heads& from, float* to, std::size_t total, std::size_t first, ThreadPool& pool) {
  constexpr std::size_t floats_per_task = 16384;
  const std::size_t floats = from.length * from.size;
  pool.parallel_for(from.batch * from.heads, floats_per_task / (floats + 1) + 1,
                    [&](std::size_t begin, std::size_t end) {
                      for (std::size_t i = begin; i < end; ++i) {
                        const float* rows = from.view.row(i / from.heads, i % from.heads, 0);
                        float* out = to + (i * total + first) * from.size;
                        if (from.view.strides.row == from.size) {
                          std::copy_n(rows, floats, out);
                          continue;
                        }
                        for (std::size_t row = 0; row < from.length; ++row)
                          std::copy_n(rows + row * from.view.strides.row, from.size, out + row * from.size);
                      }
                    });
}

class AttentionKernel : public Kernel {
 public:
  explicit AttentionKernel(const NodeView& node)
      : q_heads_(node.integer("q_num_heads")),
        kv_heads_(node.integer("kv_num_heads")),
        causal_(node.integer("is_causal") != 0),
        cap_(node.real("softcap")),
        rounds_(node.precision() == Precision::Bf16) {
    if (node.has_attribute("scale")) scale_ = node.real("scale");
  }

  std::optional<Precision> precision() const override { return rounds_ ? Precision::Bf16 : Precision::F32; }

  void run(KernelContext& context) const override {
    const Heads q = read_heads(context, 0, q_heads_);
    const Heads fresh_k = read_heads(context, 1, kv_heads_);
    std::vector<float> memory[2];
    const Heads k = with_past(context, fresh_k, 4, 1, memory[0]);
    const Heads v = with_past(context, read_heads(context, 2, kv_heads_), 5, 2, memory[1]);
    context.check(q.batch == k.batch && q.batch == v.batch && q.size == k.size && k.heads == v.heads &&
                      k.length == v.length && k.heads >= 1 && q.heads % k.heads == 0,
                  "expected queries, keys and values that fit, got {}, {} and {}", shown(context.input(0)),
                  shown(context.input(1)), shown(context.input(2)));
    std::vector<std::int64_t> valid;
    AttentionOptions options{.scale = scale_ ? *scale_ : 1 / std::sqrt(static_cast<float>(q.size)),
                             .cap = cap_,
                             .mask = read_mask(context, q, k, fresh_k.length, valid),
                             .rounds = rounds_};
    const bool together = context.input(0).rank() == 3;
    const auto dim = [](std::size_t size) { return static_cast<std::int64_t>(size); };
    Tensor& out = context.output(0, DType::F32,
                                 together ? Shape{dim(q.batch), dim(q.length), dim(q.heads * v.size)}
                                          : Shape{dim(q.batch), dim(q.heads), dim(q.length), dim(v.size)});
    HeadStrides strides{q.heads * q.length * v.size, q.length * v.size, v.size};
    if (together) {
      strides.row = q.heads * v.size;
      strides.head = v.size;
    }
    attention({.batch = q.batch,
               .heads = q.heads,
               .kv_heads = k.heads,
               .queries = q.length,
               .keys = k.length,
               .size = q.size,
               .value_size = v.size},
              q.view, k.view, v.view, options, out.values_mutable<float>().data(), strides, context.pool());
  }

 private:
  // Keys or values behind those of the cache. They are written to output `present` where it is wanted.
  Heads with_past(KernelContext& context, const Heads& fresh, std::size_t past, std::size_t present,
                  std::vector<float>& memory) const {
    const bool cached = context.has_input(past);
    if (!cached && !context.has_output(present)) return fresh;
    std::size_t before = 0;
    if (cached) {
      const Tensor& cache = context.input(past);
      context.check(cache.rank() == 4 && cache.dim(0) == static_cast<std::int64_t>(fresh.batch) &&
                        cache.dim(1) == static_cast<std::int64_t>(fresh.heads) &&
                        cache.dim(3) == static_cast<std::int64_t>(fresh.size),
                    "expected a cache [{},{},past,{}], got {}", fresh.batch, fresh.heads, fresh.size,
                    shown(cache.shape()));
      before = static_cast<std::size_t>(cache.dim(2));
    }
    const std::size_t total = before + fresh.length;
    float* to = nullptr;
    if (context.has_output(present)) {
      const Shape shape = {static_cast<std::int64_t>(fresh.batch), static_cast<std::int64_t>(fresh.heads),
                           static_cast<std::int64_t>(total), static_cast<std::int64_t>(fresh.size)};
      to = context.output(present, DType::F32, shape).values_mutable<float>().data();
    } else {
      memory.resize(fresh.batch * fresh.heads * total * fresh.size);
      to = memory.data();
    }
    if (cached) copy_rows(read_heads(context, past, 0), to, total, 0, context.pool());
    copy_rows(fresh, to, total, before, context.pool());
    return {fresh.batch, fresh.heads, total, fresh.size, to};
  }

  // `valid` is the memory of the mask's own.
  AttentionMask read_mask(const KernelContext& context, const Heads& q, const Heads& k, std::size_t fresh,
                          std::vector<std::int64_t>& valid) const {
    AttentionMask mask;
    mask.causal = causal_;
    mask.past = k.length - fresh;
    if (context.has_input(6)) {
      valid = to_ints(context.input(6));
      context.check(valid.size() == q.batch, "expected {} nonpad_kv_seqlen, got {}", q.batch, valid.size());
      mask.valid = valid.data();
    }
    if (!context.has_input(3)) return mask;
    const Tensor& tensor = context.input(3);
    const Shape& shape = tensor.shape();
    context.check(!shape.empty() && shape.size() <= 4 && shape.back() <= static_cast<std::int64_t>(k.length),
                  "expected a mask of rank 1 to 4 for {} keys, got {}", k.length, shown(shape));
    const Shape wanted = {static_cast<std::int64_t>(q.batch), static_cast<std::int64_t>(q.heads),
                          static_cast<std::int64_t>(q.length), shape.back()};
    context.check(broadcast(shape, wanted) == wanted, "expected a mask that broadcasts to {}, got {}",
                  shown(wanted), shown(shape));
    const std::vector<std::int64_t> steps = broadcast_strides(shape, wanted);
    mask.width = static_cast<std::size_t>(shape.back());
    mask.batch_step = static_cast<std::size_t>(steps[0]);
    mask.head_step = static_cast<std::size_t>(steps[1]);
    mask.query_step = static_cast<std::size_t>(steps[2]);
    if (tensor.dtype() == DType::Bool)
      mask.kept = reinterpret_cast<const std::uint8_t*>(tensor.values<bool>().data());
    else
      mask.added = tensor.values<float>().data();
    return mask;
  }

  std::int64_t q_heads_;
  std::int64_t kv_heads_;
  bool causal_;
  float cap_;
  bool rounds_;
  std::optional<float> scale_;
};

// Scores as an output are left to the reference.
std::unique_ptr<Kernel> make_attention(const NodeView& node) {
  for (const std::size_t i : {0, 1, 2, 4, 5})
    if (node.has_input(i) && node.dtype(i) != DType::F32) return nullptr;
  if (node.has_input(3) && node.dtype(3) != DType::F32 && node.dtype(3) != DType::Bool) return nullptr;
  return node.has_output(3) ? nullptr : std::make_unique<AttentionKernel>(node);
}

}  // namespace

std::vector<KernelDef> attention_kernels() {
  return {
      {"", "Attention", make_attention},
  };
}

}  // namespace atlas::cpu

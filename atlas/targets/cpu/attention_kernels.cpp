// Attention in f32: for each head two products and the softmax between them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/gemm.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/targets/cpu/kernels/softmax.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

constexpr float kMasked = -std::numeric_limits<float>::infinity();

/// Queries, keys or values as they lie in memory: row i of head h of batch b starts at
/// data + b * batch_stride + h * head_stride + i * row_stride.
struct Heads {
  std::size_t batch = 0, heads = 0, length = 0, size = 0;
  std::size_t batch_stride = 0, head_stride = 0, row_stride = 0;
  const float* data = nullptr;

  /// Contiguous [batch, heads, length, size].
  Heads(std::size_t b, std::size_t h, std::size_t l, std::size_t s, const float* values)
      : batch(b),
        heads(h),
        length(l),
        size(s),
        batch_stride(h * l * s),
        head_stride(l * s),
        row_stride(s),
        data(values) {}

  const float* row(std::size_t b, std::size_t h, std::size_t i) const {
    return data + b * batch_stride + h * head_stride + i * row_stride;
  }
  MatrixView matrix(std::size_t b, std::size_t h) const { return {row(b, h, 0), row_stride, 1}; }
};

// Of rank 4 as it is; of rank 3, [batch, length, heads * size], as its heads lie between each other.
Heads read_heads(const KernelContext& context, std::size_t i, std::int64_t heads) {
  const Tensor& x = context.input(i);
  const auto dim = [&](std::size_t axis) { return static_cast<std::size_t>(x.dim(axis)); };
  const float* values = x.values<float>().data();
  if (x.rank() == 4) return {dim(0), dim(1), dim(2), dim(3), values};
  context.check(x.rank() == 3 && heads >= 1 && x.dim(2) % heads == 0,
                "expected input {} for {} heads, got {}", i, heads, text(x));
  const auto count = static_cast<std::size_t>(heads);
  Heads out(dim(0), count, dim(1), dim(2) / count, values);
  out.row_stride = dim(2);
  out.head_stride = out.size;
  return out;
}

// Copies rows of all heads to [batch, heads, `total`, size], from row `first` on.
void copy_rows(const Heads& from, float* to, std::size_t total, std::size_t first) {
  for (std::size_t b = 0; b < from.batch; ++b)
    for (std::size_t h = 0; h < from.heads; ++h)
      for (std::size_t i = 0; i < from.length; ++i)
        std::copy_n(from.row(b, h, i), from.size,
                    to + ((b * from.heads + h) * total + first + i) * from.size);
}

// What is added to the scores, and which keys do not count.
struct Mask {
  const Tensor* tensor = nullptr;
  std::size_t width = 0;                     // its last axis; keys beyond do not count
  std::vector<std::int64_t> steps{0, 0, 0};  // along batch, head and query
  std::vector<std::int64_t> valid;           // keys of each batch
  std::size_t past = 0;
  bool causal = false;

  void apply(std::size_t b, std::size_t h, std::size_t query, float* scores, std::size_t keys) const {
    std::size_t end = std::min(keys, static_cast<std::size_t>(std::max<std::int64_t>(0, valid[b])));
    if (causal) end = std::min(end, past + query + 1);
    if (tensor != nullptr) {
      end = std::min(end, width);
      const std::int64_t at = static_cast<std::int64_t>(b) * steps[0] +
                              static_cast<std::int64_t>(h) * steps[1] +
                              static_cast<std::int64_t>(query) * steps[2];
      if (tensor->dtype() == DType::Bool) {
        const bool* kept = tensor->values<bool>().data() + at;
        for (std::size_t j = 0; j < end; ++j) scores[j] = kept[j] ? scores[j] : kMasked;
      } else {
        const float* added = tensor->values<float>().data() + at;
        for (std::size_t j = 0; j < end; ++j) scores[j] += added[j];
      }
    }
    std::fill(scores + end, scores + keys, kMasked);
  }
};

class AttentionKernel : public Kernel {
 public:
  explicit AttentionKernel(const NodeView& node)
      : q_heads_(node.integer("q_num_heads")),
        kv_heads_(node.integer("kv_num_heads")),
        causal_(node.integer("is_causal") != 0),
        cap_(node.real("softcap")) {
    if (node.has_attribute("scale")) scale_ = node.real("scale");
  }

  void run(KernelContext& context) const override {
    const Heads q = read_heads(context, 0, q_heads_);
    const Heads fresh_k = read_heads(context, 1, kv_heads_);
    std::vector<float> memory[2];
    const Heads k = with_past(context, fresh_k, 4, 1, memory[0]);
    const Heads v = with_past(context, read_heads(context, 2, kv_heads_), 5, 2, memory[1]);
    context.check(q.batch == k.batch && q.batch == v.batch && q.size == k.size && k.heads == v.heads &&
                      k.length == v.length && k.heads >= 1 && q.heads % k.heads == 0,
                  "expected queries, keys and values that fit, got {}, {} and {}", text(context.input(0)),
                  text(context.input(1)), text(context.input(2)));
    const Mask mask = read_mask(context, q, k, fresh_k.length);
    const bool together = context.input(0).rank() == 3;
    const auto dim = [](std::size_t size) { return static_cast<std::int64_t>(size); };
    Tensor& out = context.output(0, DType::F32,
                                 together ? Shape{dim(q.batch), dim(q.length), dim(q.heads * v.size)}
                                          : Shape{dim(q.batch), dim(q.heads), dim(q.length), dim(v.size)});
    if (out.element_count() == 0) return;
    Heads y(q.batch, q.heads, q.length, v.size, nullptr);
    if (together) {
      y.row_stride = q.heads * v.size;
      y.head_stride = v.size;
    }
    float* to = out.values_mutable<float>().data();
    // The scores of a block of queries stay in the second cache.
    constexpr std::size_t scores_at_once = 64 * 1024;
    const std::size_t most = std::max<std::size_t>(16, scores_at_once / std::max<std::size_t>(1, k.length));
    const std::size_t blocks = std::max<std::size_t>(1, (q.length + most - 1) / most);
    const std::size_t rows = (q.length + blocks - 1) / blocks;
    const auto run_blocks = [&](std::size_t begin, std::size_t end) {
      Scratch scores(std::max<std::size_t>(1, rows * k.length) * sizeof(float));
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t first = i % blocks * rows;
        if (first >= q.length) continue;
        const std::size_t b = i / blocks / q.heads;
        const std::size_t h = i / blocks % q.heads;
        attend(q, k, v, mask, {b, h, first, std::min(rows, q.length - first)}, scores.as<float>(),
               to + b * y.batch_stride + h * y.head_stride + first * y.row_stride, y.row_stride,
               context.pool());
      }
    };
    // A few blocks share the threads in their products instead.
    const std::size_t count = q.batch * q.heads * blocks;
    if (count < context.pool().size()) {
      run_blocks(0, count);
    } else {
      context.pool().parallel_for(count, 1, run_blocks);
    }
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
                    text(cache.shape()));
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
    if (cached) copy_rows(read_heads(context, past, 0), to, total, 0);
    copy_rows(fresh, to, total, before);
    return {fresh.batch, fresh.heads, total, fresh.size, to};
  }

  Mask read_mask(const KernelContext& context, const Heads& q, const Heads& k, std::size_t fresh) const {
    Mask mask;
    mask.causal = causal_;
    mask.past = k.length - fresh;
    mask.valid.assign(q.batch, static_cast<std::int64_t>(k.length));
    if (context.has_input(6)) {
      mask.valid = to_ints(context.input(6));
      context.check(mask.valid.size() == q.batch, "expected {} nonpad_kv_seqlen, got {}", q.batch,
                    mask.valid.size());
    }
    if (!context.has_input(3)) return mask;
    mask.tensor = &context.input(3);
    const Shape& shape = mask.tensor->shape();
    context.check(!shape.empty() && shape.size() <= 4 && shape.back() <= static_cast<std::int64_t>(k.length),
                  "expected a mask of rank 1 to 4 for {} keys, got {}", k.length, text(shape));
    mask.width = static_cast<std::size_t>(shape.back());
    const Shape wanted = {static_cast<std::int64_t>(q.batch), static_cast<std::int64_t>(q.heads),
                          static_cast<std::int64_t>(q.length), shape.back()};
    context.check(broadcast(shape, wanted) == wanted, "expected a mask that broadcasts to {}, got {}",
                  text(wanted), text(shape));
    mask.steps = broadcast_strides(shape, wanted);
    return mask;
  }

  // Some queries of one head.
  struct Block {
    std::size_t batch, head, first, rows;
  };

  void attend(const Heads& q, const Heads& k, const Heads& v, const Mask& mask, const Block& block,
              float* scores, float* y, std::size_t y_stride, ThreadPool& pool) const {
    const std::size_t b = block.batch, h = block.head, shared = h / (q.heads / k.heads);
    GemmOptions options;
    options.alpha = scale_ ? *scale_ : 1 / std::sqrt(static_cast<float>(q.size));
    if (k.length > 0)
      gemm({block.rows, k.length, q.size}, q.matrix(b, h).at(block.first, 0),
           k.matrix(b, shared).transposed(), scores, k.length, options, pool);
    for (std::size_t i = 0; i < block.rows; ++i) {
      float* row = scores + i * k.length;
      if (cap_ > 0)
        for (std::size_t j = 0; j < k.length; ++j) row[j] = cap_ * std::tanh(row[j] / cap_);
      mask.apply(b, h, block.first + i, row, k.length);
    }
    if (k.length > 0) softmax(scores, scores, block.rows, k.length, 1, false, pool);
    gemm({block.rows, v.size, k.length}, MatrixView{scores, k.length, 1}, v.matrix(b, shared), y, y_stride,
         {}, pool);
  }

  std::int64_t q_heads_;
  std::int64_t kv_heads_;
  bool causal_;
  float cap_;
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

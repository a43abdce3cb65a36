// Matrix products of 8-bit integers, and the quantisation that feeds them.
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "atlas/ops/requantize.h"
#include "atlas/targets/cpu/broadcast_loop.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/igemm.h"
#include "atlas/targets/cpu/kernels/reduce.h"
#include "atlas/targets/cpu/kernels/scratch.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

bool is_byte(DType dtype) {
  return dtype == DType::U8 || dtype == DType::I8;
}

ByteMatrix byte_matrix(const Tensor& tensor, std::size_t first, std::size_t row_stride) {
  return {static_cast<const std::byte*>(tensor.raw()) + first,
          tensor.dtype() == DType::I8,
          row_stride,
          1,
          0,
          nullptr};
}

// One zero point for all, or one for each row or column; held in `memory`.
void set_zero_points(ByteMatrix& matrix, const Tensor* zero, std::vector<std::int32_t>& memory) {
  if (zero == nullptr) return;
  const std::vector<std::int64_t> values = to_ints(*zero);
  memory.assign(values.begin(), values.end());
  if (memory.size() == 1) {
    matrix.zero_point = memory[0];
  } else {
    matrix.zero_points = memory.data();
  }
}

const Tensor* optional_input(const KernelContext& context, std::size_t i) {
  return context.has_input(i) ? &context.input(i) : nullptr;
}

// Exact products over any batch. Where the right side is one matrix, zero points may be one for each row of
// the left and each column of the right; otherwise there is one for all.
class ByteProduct {
 public:
  /// Indices of the inputs of the node.
  struct Places {
    std::size_t a, a_zero, b, b_zero;
  };

  ByteProduct(const NodeView& node, Places places) : places_(places) {
    const Tensor* weight = node.constant(places.b);
    const Tensor* zero = node.constant(places.b_zero);
    const bool open_zero = node.has_input(places.b_zero) && zero == nullptr;
    if (weight == nullptr || open_zero || weight->element_count() == 0 || weight->rank() != 2) return;
    ThreadPool alone(1);
    packed_ = pack(*weight, 0, zero, alone);
  }

  static bool takes(const NodeView& node, Places places) {
    const std::optional<Dims>& a = node.input(places.a).dims;
    const std::optional<Dims>& b = node.input(places.b).dims;
    if (!is_byte(node.dtype(places.a)) || !is_byte(node.dtype(places.b)) || !a || a->empty() || !b ||
        b->size() < 2)
      return false;
    // Rows of a batch each with their own zero point are another matter.
    return is_single(node, places.a_zero, a->size() == 2 && b->size() == 2) &&
           is_single(node, places.b_zero, b->size() == 2);
  }

  /// True where input `i` is left out or is known to have one element, or with `list` to be a list.
  static bool is_single(const NodeView& node, std::size_t i, bool list) {
    if (!node.has_input(i)) return true;
    const std::optional<Dims>& dims = node.input(i).dims;
    return dims && (dims->empty() || (dims->size() == 1 && (list || (*dims)[0] == Dim(1))));
  }

  Shape shape(const KernelContext& context) const {
    const Tensor& a = context.input(places_.a);
    const Tensor& b = context.input(places_.b);
    context.check(a.rank() >= 1 && b.rank() >= 2 && a.shape().back() == b.shape().end()[-2],
                  "cannot multiply {} by {}", text(a.shape()), text(b.shape()));
    const std::ptrdiff_t a_matrix = a.rank() == 1 ? 1 : 2;
    Shape out =
        broadcast({a.shape().begin(), a.shape().end() - a_matrix}, {b.shape().begin(), b.shape().end() - 2});
    if (a.rank() > 1) out.push_back(a.shape().end()[-2]);
    out.push_back(b.shape().back());
    return out;
  }

  /// Columns of the result.
  static std::size_t columns(const Shape& shape) { return static_cast<std::size_t>(shape.back()); }

  void multiply(KernelContext& context, const Shape& out, std::int32_t* c) const {
    const Tensor& a = context.input(places_.a);
    const Tensor& b = context.input(places_.b);
    const Tensor* a_zero = optional_input(context, places_.a_zero);
    const Tensor* b_zero = optional_input(context, places_.b_zero);
    const auto k = static_cast<std::size_t>(a.shape().back());
    const std::size_t n = columns(out);
    GemmShape sizes{element_count(out) / n, n, k};
    if (b.rank() > 2) sizes.m = a.rank() == 1 ? 1 : static_cast<std::size_t>(a.shape().end()[-2]);
    check_zero_points(context, a_zero, sizes.m, "rows");
    check_zero_points(context, b_zero, n, "columns");
    std::vector<std::int32_t> memory;
    if (b.rank() == 2) {
      ByteMatrix left = byte_matrix(a, 0, k);
      set_zero_points(left, a_zero, memory);
      igemm(sizes, left, packed_ ? *packed_ : pack(b, 0, b_zero, context.pool()), c, n, context.pool());
      return;
    }
    const Shape batch(out.begin(), out.end() - (a.rank() == 1 ? 1 : 2));
    const Shape a_batch(a.shape().begin(), a.shape().end() - (a.rank() == 1 ? 1 : 2));
    const std::vector<BroadcastAxis> axes =
        plan_broadcast(a_batch, {b.shape().begin(), b.shape().end() - 2}, batch);
    for_each_run(axes, 0, element_count(batch), [&](const BroadcastRun& run) {
      for (std::size_t i = 0; i < run.count; ++i) {
        const auto step = static_cast<std::int64_t>(i);
        const auto a_at = static_cast<std::size_t>(run.x + step * axes.back().x_stride);
        const auto b_at = static_cast<std::size_t>(run.y + step * axes.back().y_stride);
        ByteMatrix left = byte_matrix(a, a_at * sizes.m * k, k);
        set_zero_points(left, a_zero, memory);
        igemm(sizes, left, pack(b, b_at * k * n, b_zero, context.pool()), c + (run.out + i) * sizes.m * n, n,
              context.pool());
      }
    });
  }

 private:
  // The matrix that starts at element `first`.
  static PackedBytes pack(const Tensor& weight, std::size_t first, const Tensor* zero, ThreadPool& pool) {
    const auto rows = static_cast<std::size_t>(weight.shape().end()[-2]);
    const auto columns = static_cast<std::size_t>(weight.shape().back());
    ByteMatrix right = byte_matrix(weight, first, columns);
    std::vector<std::int32_t> memory;
    set_zero_points(right, zero, memory);
    return PackedBytes(right, rows, columns, pool);
  }

  static void check_zero_points(const KernelContext& context, const Tensor* zero, std::size_t count,
                                const char* what) {
    context.check(zero == nullptr || zero->element_count() == 1 || zero->element_count() == count,
                  "expected one zero point, or one for each of {} {}, got {}", count, what,
                  zero ? text(*zero) : "");
  }

  Places places_;
  std::optional<PackedBytes> packed_;
};

class MatMulIntegerKernel : public Kernel {
 public:
  static constexpr ByteProduct::Places kPlaces = {0, 2, 1, 3};

  explicit MatMulIntegerKernel(const NodeView& node) : product_(node, kPlaces) {}

  void run(KernelContext& context) const override {
    const Shape shape = product_.shape(context);
    Tensor& out = context.output(0, DType::I32, shape);
    if (out.element_count() > 0) product_.multiply(context, shape, out.values_mutable<std::int32_t>().data());
  }

 private:
  ByteProduct product_;
};

std::unique_ptr<Kernel> make_matmul_integer(const NodeView& node) {
  return ByteProduct::takes(node, MatMulIntegerKernel::kPlaces) ? std::make_unique<MatMulIntegerKernel>(node)
                                                                : nullptr;
}

// Scales of the left side and of the result hold for all; those of the right side may differ by column.
class QLinearMatMulKernel : public Kernel {
 public:
  static constexpr ByteProduct::Places kPlaces = {0, 2, 3, 5};

  explicit QLinearMatMulKernel(const NodeView& node) : product_(node, kPlaces) {}

  void run(KernelContext& context) const override {
    const Shape shape = product_.shape(context);
    const DType dtype = context.input(7).dtype();
    Tensor& out = context.output(0, dtype, shape);
    if (out.element_count() == 0) return;
    Scratch sums(out.element_count() * sizeof(std::int32_t));
    std::int32_t* c = sums.as<std::int32_t>();
    product_.multiply(context, shape, c);

    const std::size_t n = ByteProduct::columns(shape);
    const std::span<const float> b_scales = context.input(4).values<float>();
    context.check(b_scales.size() == 1 || b_scales.size() == n,
                  "expected one scale, or one for each of {} columns, got {}", n, b_scales.size());
    std::vector<float> scales(n);
    for (std::size_t j = 0; j < n; ++j)
      scales[j] = number(context, 1) * b_scales[b_scales.size() == 1 ? 0 : j] / number(context, 6);
    const std::int64_t zero = to_ints(context.input(7)).at(0);
    auto* to = static_cast<std::uint8_t*>(out.raw_mutable());
    constexpr std::size_t kGrain = 1 << 13;
    context.pool().parallel_for(out.element_count(), kGrain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        to[i] = static_cast<std::uint8_t>(ops::requantize(c[i], scales[i % n], zero, dtype));
    });
  }

 private:
  static float number(const KernelContext& context, std::size_t i) {
    context.check(context.input(i).element_count() == 1, "expected one number as input {}, got {}", i,
                  text(context.input(i)));
    return context.input(i).values<float>()[0];
  }

  ByteProduct product_;
};

std::unique_ptr<Kernel> make_qlinear_matmul(const NodeView& node) {
  const bool takes = ByteProduct::takes(node, QLinearMatMulKernel::kPlaces) && is_byte(node.dtype(7)) &&
                     node.dtype(1) == DType::F32 && ByteProduct::is_single(node, 1, false) &&
                     ByteProduct::is_single(node, 4, true) && ByteProduct::is_single(node, 6, false) &&
                     ByteProduct::is_single(node, 7, false);
  return takes ? std::make_unique<QLinearMatMulKernel>(node) : nullptr;
}

// Least and greatest of the values and 0, NaN left out.
std::pair<float, float> range_with_zero(std::span<const float> values, ThreadPool& pool) {
  float low = 0;
  float high = 0;
  if (values.empty()) return {low, high};
  reduce(ReduceKind::Min, values.data(), &low, 1, values.size(), 1, pool);
  reduce(ReduceKind::Max, values.data(), &high, 1, values.size(), 1, pool);
  if (std::isnan(low) || std::isnan(high)) {
    low = high = 0;
    for (const float value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  return {std::min(low, 0.0f), std::max(high, 0.0f)};
}

class DynamicQuantizeKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::span<const float> values = x.values<float>();
    const auto [low, high] = range_with_zero(values, context.pool());
    const float scale = (high == low ? 1.0f : high - low) / 255.0f;
    const float zero = std::nearbyint(std::clamp(0.0f - low / scale, 0.0f, 255.0f));
    context.output(1, DType::F32, {}).values_mutable<float>()[0] = scale;
    context.output(2, DType::U8, {}).values_mutable<std::uint8_t>()[0] = static_cast<std::uint8_t>(zero);
    std::uint8_t* to = context.output(0, DType::U8, x.shape()).values_mutable<std::uint8_t>().data();
    constexpr std::size_t kGrain = 1 << 14;
    context.pool().parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const float level = std::nearbyint(values[i] / scale) + zero;
        to[i] = level > 0 ? static_cast<std::uint8_t>(std::min(level, 255.0f)) : std::uint8_t{0};  // NaN: 0
      }
    });
  }
};

std::unique_ptr<Kernel> make_dynamic_quantize(const NodeView& node) {
  const bool all = node.has_output(0) && node.has_output(1) && node.has_output(2);
  return node.dtype(0) == DType::F32 && all ? std::make_unique<DynamicQuantizeKernel>() : nullptr;
}

}  // namespace

std::vector<KernelDef> integer_matmul_kernels() {
  return {
      {"", "DynamicQuantizeLinear", make_dynamic_quantize},
      {"", "MatMulInteger", make_matmul_integer},
      {"", "QLinearMatMul", make_qlinear_matmul},
  };
}

}  // namespace atlas::cpu

// Matrix products of 8-bit integers, and the quantisation that feeds them.
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/igemm.h"
#include "atlas/targets/cpu/kernels/reduce.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

bool is_byte(DType dtype) {
  return dtype == DType::U8 || dtype == DType::I8;
}

ByteMatrix byte_matrix(const Tensor& tensor, std::size_t row_stride) {
  return {tensor.raw(), tensor.dtype() == DType::I8, row_stride, 1, 0, nullptr};
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

// Right operands of rank 2; zero points of one value, or one a row of A or a column of B.
class MatMulIntegerKernel : public Kernel {
 public:
  explicit MatMulIntegerKernel(const NodeView& node) {
    const Tensor* weight = node.constant(1);
    const Tensor* zero = node.constant(3);
    if (weight == nullptr || (node.has_input(3) && zero == nullptr) || weight->element_count() == 0) return;
    ThreadPool alone(1);
    packed_ = pack(*weight, zero, alone);
  }

  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    const Tensor& b = context.input(1);
    context.check(a.rank() >= 1 && a.shape().back() == b.dim(0), "cannot multiply {} by {}", text(a.shape()),
                  text(b.shape()));
    Shape shape = a.shape();
    shape.back() = b.dim(1);
    Tensor& out = context.output(0, DType::I32, shape);
    if (out.element_count() == 0) return;
    const auto k = static_cast<std::size_t>(b.dim(0));
    const auto n = static_cast<std::size_t>(b.dim(1));
    const GemmShape gemm_shape{out.element_count() / n, n, k};
    const Tensor* a_zero = context.has_input(2) ? &context.input(2) : nullptr;
    const Tensor* b_zero = context.has_input(3) ? &context.input(3) : nullptr;
    context.check(
        a_zero == nullptr || a_zero->element_count() == 1 || a_zero->element_count() == gemm_shape.m,
        "expected one zero point, or one for each of {} rows, got {}", gemm_shape.m,
        a_zero ? text(*a_zero) : "");
    context.check(b_zero == nullptr || b_zero->element_count() == 1 || b_zero->element_count() == n,
                  "expected one zero point, or one for each of {} columns, got {}", n,
                  b_zero ? text(*b_zero) : "");
    ByteMatrix left = byte_matrix(a, k);
    std::vector<std::int32_t> memory;
    set_zero_points(left, a_zero, memory);
    std::int32_t* c = out.values_mutable<std::int32_t>().data();
    if (packed_) {
      igemm(gemm_shape, left, *packed_, c, n, context.pool());
    } else {
      igemm(gemm_shape, left, pack(b, b_zero, context.pool()), c, n, context.pool());
    }
  }

 private:
  static PackedBytes pack(const Tensor& weight, const Tensor* zero, ThreadPool& pool) {
    ByteMatrix right = byte_matrix(weight, static_cast<std::size_t>(weight.dim(1)));
    std::vector<std::int32_t> memory;
    set_zero_points(right, zero, memory);
    return PackedBytes(right, static_cast<std::size_t>(weight.dim(0)),
                       static_cast<std::size_t>(weight.dim(1)), pool);
  }

  std::optional<PackedBytes> packed_;
};

std::unique_ptr<Kernel> make_matmul_integer(const NodeView& node) {
  const std::optional<Dims>& b = node.input(1).dims;
  if (!is_byte(node.dtype(0)) || !is_byte(node.dtype(1)) || !b || b->size() != 2) return nullptr;
  // Rows of a batch each with their own zero point are left to the reference.
  const std::optional<Dims>& a = node.input(0).dims;
  const std::optional<Dims>& zero = node.input(2).dims;
  if (node.has_input(2) &&
      (!zero || !a || zero->size() > 1 || (zero->size() == 1 && !((*zero)[0] == Dim(1)) && a->size() > 2)))
    return nullptr;
  return std::make_unique<MatMulIntegerKernel>(node);
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
  };
}

}  // namespace atlas::cpu

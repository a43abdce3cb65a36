// Matrix products in f32: MatMul over any batch, and Gemm.
#include <algorithm>
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/bf16_gemm.h"
#include "atlas/targets/cpu/kernels/gemm.h"
#include "atlas/targets/cpu/kernels/int8_gemm.h"
#include "atlas/targets/cpu/node_epilogue.h"
#include "atlas/targets/cpu/tensor_numbers.h"

namespace atlas::cpu {
namespace {

bool all_f32(const NodeView& node, std::size_t first = 0) {
  for (std::size_t i = first; i < node.input_count(); ++i)
    if (node.has_input(i) && node.dtype(i) != DType::F32) return false;
  return true;
}

// The right side of a product, known at compile time, in the order its kernel reads it. Packed by the thread
// that compiles.
class RightWeight {
 public:
  /// With `may_round`, it is kept in the node's precision, where that has a way for its sizes.
  RightWeight(const NodeView& node, bool transposed, bool may_round = true) {
    const std::optional<Shape> shape = node.weight_shape(1);
    if (!shape || shape->size() != 2 || element_count(*shape) == 0) return;
    shape_ = *shape;
    const auto rows = static_cast<std::size_t>(shape_[0]);
    const auto columns = static_cast<std::size_t>(shape_[1]);
    Tensor weight;
    const auto matrix = [&] {
      weight = *node.weight(1);
      const MatrixView view{weight.values<float>().data(), columns, 1};
      return transposed ? view.transposed() : view;
    };
    ThreadPool alone(1);
    const std::size_t k = transposed ? columns : rows, n = transposed ? rows : columns;
    if (may_round && node.precision() == Precision::Bf16)
      rounded_.emplace(matrix, k, n, alone, node.packer());
    else if (may_round && node.precision() == Precision::Int8 && PackedInt8::is_worth_it(k, n))
      levels_.emplace(matrix, k, n, alone, node.packer());
    else
      packed_.emplace(matrix, k, n, alone, node.packer());
  }

  bool is_packed() const { return packed_ || rounded_ || levels_; }
  Precision precision() const {
    return rounded_ ? Precision::Bf16 : levels_ ? Precision::Int8 : Precision::F32;
  }
  /// C = epilogue(A B) for dense matrices; false where the weight is not known, or f32: then nothing is done.
  bool multiply_rounded(std::size_t m, const Tensor& a, std::size_t k, Tensor& c, std::size_t n,
                        const Epilogue& epilogue, ThreadPool& pool) const {
    if (rounded_) bf16_gemm(m, numbers(a), k, *rounded_, mutable_numbers(c), n, epilogue, pool);
    if (levels_)
      int8_gemm(m, a.values<float>().data(), k, *levels_, c.values_mutable<float>().data(), n, epilogue,
                pool);
    return rounded_ || levels_;
  }
  const Shape& shape(const KernelContext& context) const {
    return is_packed() ? shape_ : context.input(1).shape();
  }
  RightOperand operand(const KernelContext& context, std::size_t columns, bool transposed) const {
    if (packed_) return *packed_;
    const MatrixView view{context.input(1).values<float>().data(), columns, 1};
    return transposed ? view.transposed() : view;
  }

 private:
  Shape shape_;                         // as the model has it
  std::optional<PackedMatrix> packed_;  // at most one of these three
  std::optional<PackedBf16> rounded_;
  std::optional<PackedInt8> levels_;
};

/// MatMul, and Linear: a matrix on the right, with bias, residual and activation.
class MatMulKernel : public Kernel {
 public:
  MatMulKernel(const NodeView& node, Activation activation)
      : transposed_(node.integer("transB") != 0),
        rounds_(node.integer("rounds") != 0),
        activation_(activation),
        weight_(node, transposed_) {}
  bool reads(std::size_t i) const override { return i != 1 || !weight_.is_packed(); }
  std::optional<Precision> precision() const override { return weight_.precision(); }

  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    Shape left = a.shape();
    Shape right = weight_.shape(context);
    if (transposed_) std::swap(right[0], right[1]);
    context.check(!left.empty() && !right.empty(), "expected inputs of rank 1 or more");
    const bool row = left.size() == 1;
    const bool column = right.size() == 1;
    if (row) left.insert(left.begin(), 1);
    if (column) right.push_back(1);
    GemmShape gemm_shape{static_cast<std::size_t>(left.end()[-2]), static_cast<std::size_t>(right.back()),
                         static_cast<std::size_t>(left.back())};
    if (left.back() != right.end()[-2])
      context.check(false, "cannot multiply {} by {}", shown(a.shape()), shown(weight_.shape(context)));

    const Shape left_batch(left.begin(), left.end() - 2);
    const Shape right_batch(right.begin(), right.end() - 2);
    const Shape batch = broadcast(left_batch, right_batch);
    Shape out_shape = batch;
    if (!row) out_shape.push_back(left.end()[-2]);
    if (!column) out_shape.push_back(right.back());
    Tensor& out = context.output(0, rounds_ ? DType::BF16 : DType::F32, std::move(out_shape));
    if (out.element_count() == 0) return;

    // One matrix on the right serves every row of the left.
    if (right_batch.empty() || element_count(right_batch) == 1) {
      gemm_shape.m *= element_count(batch);
      const GemmOptions chosen = options(context, gemm_shape.n, out.shape());
      if (weight_.multiply_rounded(gemm_shape.m, a, gemm_shape.k, out, gemm_shape.n, chosen.epilogue,
                                   context.pool()))
        return;
      gemm(gemm_shape, MatrixView{a.values<float>().data(), gemm_shape.k, 1},
           weight_.operand(context, transposed_ ? gemm_shape.k : gemm_shape.n, transposed_),
           out.values_mutable<float>().data(), gemm_shape.n, chosen, context.pool());
      return;
    }
    multiply_batches(gemm_shape, left_batch, right_batch, batch, a.values<float>().data(),
                     context.input(1).values<float>().data(), out.values_mutable<float>().data(),
                     context.pool());
  }

 private:
  GemmOptions options(const KernelContext& context, std::size_t columns, const Shape& out) const {
    GemmOptions options;
    options.epilogue = read_epilogue(context, columns, out);
    std::swap(options.epilogue.row_bias, options.epilogue.column_bias);
    options.epilogue.residual_stride = columns;
    options.epilogue.activation = activation_;
    return options;
  }

  // The last axes that step evenly on both sides are one batched product; those before them are walked.
  static void multiply_batches(const GemmShape& shape, const Shape& left, const Shape& right,
                               const Shape& batch, const float* x, const float* y, float* z,
                               ThreadPool& pool) {
    const std::vector<std::int64_t> x_steps = broadcast_strides(left, batch);
    const std::vector<std::int64_t> y_steps = broadcast_strides(right, batch);
    std::size_t even = batch.size() - 1;
    std::int64_t run = batch.back();
    while (even > 0 && x_steps[even - 1] == run * x_steps.back() && y_steps[even - 1] == run * y_steps.back())
      run *= batch[--even];
    const Shape outer(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(even));
    const std::size_t x_size = shape.m * shape.k;
    const std::size_t y_size = shape.k * shape.n;
    const std::size_t z_size = shape.m * shape.n;
    const GemmBatch steps{static_cast<std::size_t>(run), static_cast<std::size_t>(x_steps.back()) * x_size,
                          static_cast<std::size_t>(y_steps.back()) * y_size, z_size, 0};
    std::vector<std::int64_t> at(outer.size(), 0);
    for (std::size_t i = 0; i < element_count(outer); ++i) {
      std::int64_t x_at = 0;
      std::int64_t y_at = 0;
      for (std::size_t axis = 0; axis < outer.size(); ++axis) {
        x_at += at[axis] * x_steps[axis];
        y_at += at[axis] * y_steps[axis];
      }
      gemm_batched(shape, steps, MatrixView{x + x_at * static_cast<std::int64_t>(x_size), shape.k, 1},
                   MatrixView{y + y_at * static_cast<std::int64_t>(y_size), shape.n, 1},
                   z + i * static_cast<std::size_t>(run) * z_size, shape.n, {}, pool);
      for (std::size_t axis = outer.size(); axis-- > 0;) {
        if (++at[axis] < outer[axis]) break;
        at[axis] = 0;
      }
    }
  }

  bool transposed_;
  bool rounds_;  // the result, to bfloat16
  Activation activation_;
  RightWeight weight_;
};

class GemmNodeKernel : public Kernel {
 public:
  explicit GemmNodeKernel(const NodeView& node)
      : transpose_a_(node.integer("transA") != 0),
        transpose_b_(node.integer("transB") != 0),
        alpha_(node.real("alpha", 1)),
        beta_(node.real("beta", 1)),
        weight_(node, transpose_b_, !transpose_a_ && alpha_ == 1 && beta_ == 1) {}
  bool reads(std::size_t i) const override { return i != 1 || !weight_.is_packed(); }
  std::optional<Precision> precision() const override { return weight_.precision(); }

  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    const Shape& b = weight_.shape(context);
    if (a.rank() != 2 || b.size() != 2)
      context.check(false, "expected matrices, got {} and {}", shown(a.shape()), shown(b));
    const auto a_rows = static_cast<std::size_t>(a.dim(0));
    const auto a_columns = static_cast<std::size_t>(a.dim(1));
    const auto b_rows = static_cast<std::size_t>(b[0]);
    const auto b_columns = static_cast<std::size_t>(b[1]);
    const GemmShape shape{transpose_a_ ? a_columns : a_rows, transpose_b_ ? b_rows : b_columns,
                          transpose_a_ ? a_rows : a_columns};
    if (shape.k != (transpose_b_ ? b_columns : b_rows))
      context.check(false, "cannot multiply {} by {}", shown(a.shape()), shown(b));
    Tensor& out = context.output(0, DType::F32,
                                 {static_cast<std::int64_t>(shape.m), static_cast<std::int64_t>(shape.n)});
    if (out.element_count() == 0) return;
    float* c = out.values_mutable<float>().data();

    GemmOptions options;
    options.alpha = alpha_;
    add_bias(context, shape, c, options);
    Epilogue epilogue = options.epilogue;
    if (options.beta == 1) {  // the sum begins with what C holds
      epilogue.residual = c;
      epilogue.residual_stride = shape.n;
    }
    if (weight_.multiply_rounded(shape.m, a, shape.k, out, shape.n, epilogue, context.pool())) return;
    MatrixView left{a.values<float>().data(), a_columns, 1};
    if (transpose_a_) left = left.transposed();
    gemm(shape, left, weight_.operand(context, b_columns, transpose_b_), c, shape.n, options, context.pool());
  }

 private:
  // C as the cheapest form that its shape allows: a bias of columns or rows, or laid out first.
  void add_bias(const KernelContext& context, const GemmShape& shape, float* c, GemmOptions& options) const {
    if (!context.has_input(2) || beta_ == 0) return;
    const Tensor& bias = context.input(2);
    const float* values = bias.values<float>().data();
    const Shape out = {static_cast<std::int64_t>(shape.m), static_cast<std::int64_t>(shape.n)};
    const std::vector<std::int64_t> steps = broadcast_strides(bias.shape(), out);
    if (beta_ == 1 && steps[0] == 0 && steps[1] == 1) {
      options.epilogue.column_bias = values;
    } else if (beta_ == 1 && steps[0] == 1 && steps[1] == 0) {
      options.epilogue.row_bias = values;
    } else {
      for (std::size_t i = 0; i < shape.m; ++i)
        for (std::size_t j = 0; j < shape.n; ++j)
          c[i * shape.n + j] =
              values[static_cast<std::int64_t>(i) * steps[0] + static_cast<std::int64_t>(j) * steps[1]];
      options.beta = beta_;
    }
  }

  bool transpose_a_;
  bool transpose_b_;
  float alpha_;
  float beta_;
  RightWeight weight_;
};

std::unique_ptr<Kernel> make_matmul(const NodeView& node) {
  if (!all_f32(node)) return nullptr;
  return std::make_unique<MatMulKernel>(node, Activation());
}

std::unique_ptr<Kernel> make_linear(const NodeView& node) {
  const std::optional<Activation> activation = fused_activation(node);
  // Only products that are rounded read and write bfloat16.
  const bool is_rounded = node.dtype(0) == DType::BF16 || node.integer("rounds") != 0;
  if (!is_f32_or_bf16(node.dtype(0))) return nullptr;
  if (is_rounded && (node.precision() != Precision::Bf16 || !node.weight_shape(1))) return nullptr;
  if (!all_f32(node, 1) || !activation || !node.input(1).dims || node.input(1).dims->size() != 2)
    return nullptr;
  return std::make_unique<MatMulKernel>(node, *activation);
}

std::unique_ptr<Kernel> make_gemm(const NodeView& node) {
  if (!all_f32(node)) return nullptr;
  return std::make_unique<GemmNodeKernel>(node);
}

}  // namespace

std::vector<KernelDef> matmul_kernels() {
  return {
      {"", "Gemm", make_gemm},
      {"", "MatMul", make_matmul},
      {"atlas", "Linear", make_linear},
  };
}

}  // namespace atlas::cpu

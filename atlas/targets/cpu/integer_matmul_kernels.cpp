// Matrix products of 8-bit integers: sums, levels of a new scale, or real numbers.
#include <optional>

#include "atlas/targets/cpu/broadcast_loop.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/igemm.h"
#include "atlas/targets/cpu/quantized_inputs.h"

namespace atlas::cpu {
namespace {

// One zero point for all, or one for each row or column; held in `memory`.
template <typename Matrix>
void set_zero_points(Matrix& matrix, const Tensor* zero, std::vector<std::int32_t>& memory) {
  if (zero == nullptr) return;
  const std::vector<std::int64_t> values = to_ints(*zero);
  memory.assign(values.begin(), values.end());
  if (memory.size() == 1) {
    matrix.zero_point = memory[0];
  } else {
    matrix.zero_points = memory.data();
  }
}

const std::byte* bytes_at(const Tensor& tensor, std::size_t first) {
  return static_cast<const std::byte*>(tensor.raw()) + first;
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

  ByteProduct(const NodeView& node, Places places, bool transposed = false)
      : places_(places), transposed_(transposed) {
    const std::optional<Shape> weight = node.constant_shape(places.b);
    const Tensor* zero = node.constant(places.b_zero);
    const bool open_zero = node.has_input(places.b_zero) && zero == nullptr;
    if (!weight || open_zero || element_count(*weight) == 0 || weight->size() != 2) return;
    weight_shape_ = turned(*weight);
    if (zero != nullptr && zero->element_count() != 1 &&
        zero->element_count() != static_cast<std::size_t>(weight_shape_[1]))
      return;
    ThreadPool alone(1);
    std::vector<std::int32_t> zeros;
    const auto matrix = [&] { return right(*node.constant(places.b), 0, zero, zeros); };
    packed_.emplace(matrix, static_cast<std::size_t>(weight_shape_[0]),
                    static_cast<std::size_t>(weight_shape_[1]), alone, node.packer());
  }

  /// As Kernel's.
  bool reads(std::size_t i) const { return !packed_ || (i != places_.b && i != places_.b_zero); }

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
    const Shape b = packed_ ? weight_shape_ : turned(context.input(places_.b).shape());
    context.check(a.rank() >= 1 && b.size() >= 2 && a.shape().back() == b.end()[-2],
                  "cannot multiply {} by {}", shown(a.shape()), shown(b));
    const std::ptrdiff_t a_matrix = a.rank() == 1 ? 1 : 2;
    Shape out = broadcast({a.shape().begin(), a.shape().end() - a_matrix}, {b.begin(), b.end() - 2});
    if (a.rank() > 1) out.push_back(a.shape().end()[-2]);
    out.push_back(b.back());
    return out;
  }

  /// Columns of the result.
  static std::size_t columns(const Shape& shape) { return static_cast<std::size_t>(shape.back()); }

  /// `output` without its strides; with elements of `element_bytes`.
  void multiply(const KernelContext& context, const Shape& out, IgemmOutput output,
                std::size_t element_bytes) const {
    const Tensor& a = context.input(places_.a);
    const Tensor* a_zero = optional_input(context, places_.a_zero);
    const auto k = static_cast<std::size_t>(a.shape().back());
    const std::size_t n = columns(out);
    const bool one_matrix = packed_ || context.input(places_.b).rank() == 2;
    std::size_t m = element_count(out) / n;
    if (!one_matrix) m = a.rank() == 1 ? 1 : static_cast<std::size_t>(a.shape().end()[-2]);
    check_zero_points(context, a_zero, m, "rows");
    output.stride = n;
    std::vector<std::int32_t> memory;
    ByteRows left{.data = a.raw(), .is_signed = a.dtype() == DType::I8, .stride = k};
    set_zero_points(left, a_zero, memory);
    if (packed_) return igemm(m, left, *packed_, output, context.pool());
    const Tensor& b = context.input(places_.b);
    const Tensor* b_zero = optional_input(context, places_.b_zero);
    check_zero_points(context, b_zero, n, "columns");
    if (one_matrix) return igemm(m, left, pack(b, 0, b_zero, context.pool()), output, context.pool());
    const Shape batch(out.begin(), out.end() - (a.rank() == 1 ? 1 : 2));
    const Shape a_batch(a.shape().begin(), a.shape().end() - (a.rank() == 1 ? 1 : 2));
    const std::vector<BroadcastAxis> axes =
        plan_broadcast(a_batch, {b.shape().begin(), b.shape().end() - 2}, batch);
    const auto multiply_each = [&](std::size_t begin, std::size_t end) {
      ByteRows rows = left;
      for_each_run(axes, begin, end, [&](const BroadcastRun& run) {
        for (std::size_t i = 0; i < run.count; ++i) {
          const auto step = static_cast<std::int64_t>(i);
          const auto a_at = static_cast<std::size_t>(run.x + step * axes.back().x_stride);
          const auto b_at = static_cast<std::size_t>(run.y + step * axes.back().y_stride);
          rows.data = bytes_at(a, a_at * m * k);
          IgemmOutput part = output;
          part.data = static_cast<std::byte*>(output.data) + (run.out + i) * m * n * element_bytes;
          igemm(m, rows, pack(b, b_at * k * n, b_zero, context.pool()), part, context.pool());
        }
      });
    };
    // Many products are shared out whole, a few each by itself.
    const std::size_t products = element_count(batch);
    if (products < 2 * context.pool().size()) return multiply_each(0, products);
    context.pool().parallel_for(products, 1, multiply_each);
  }

 private:
  Shape turned(Shape shape) const {
    if (transposed_ && shape.size() == 2) std::swap(shape[0], shape[1]);
    return shape;
  }

  // The matrix that starts at element `first`; its zero points may lie in `memory`.
  ByteMatrix right(const Tensor& weight, std::size_t first, const Tensor* zero,
                   std::vector<std::int32_t>& memory) const {
    const Shape shape = turned(weight.shape());
    const auto rows = static_cast<std::size_t>(shape.end()[-2]);
    const auto columns = static_cast<std::size_t>(shape.back());
    ByteMatrix matrix{bytes_at(weight, first), weight.dtype() == DType::I8, columns};
    if (transposed_) matrix.row_stride = 1, matrix.column_stride = rows;
    set_zero_points(matrix, zero, memory);
    return matrix;
  }

  PackedBytes pack(const Tensor& weight, std::size_t first, const Tensor* zero, ThreadPool& pool) const {
    const Shape shape = turned(weight.shape());
    std::vector<std::int32_t> memory;
    return PackedBytes(right(weight, first, zero, memory), static_cast<std::size_t>(shape.end()[-2]),
                       static_cast<std::size_t>(shape.back()), pool);
  }

  static void check_zero_points(const KernelContext& context, const Tensor* zero, std::size_t count,
                                const char* what) {
    context.check(zero == nullptr || zero->element_count() == 1 || zero->element_count() == count,
                  "expected one zero point, or one for each of {} {}, got {}", count, what,
                  zero ? text(*zero) : "");
  }

  Places places_;
  bool transposed_;  // B, a matrix
  Shape weight_shape_;
  std::optional<PackedBytes> packed_;
};

// A bias of one number for each column, or nullptr where input `i` is left out.
template <typename T>
const T* column_bias(const KernelContext& context, std::size_t i, std::size_t columns) {
  if (!context.has_input(i)) return nullptr;
  context.check(context.input(i).element_count() == columns, "expected {} numbers as input {}, got {}",
                columns, i, shown(context.input(i)));
  return context.input(i).values<T>().data();
}

// True where a bias is left out or is known to be a row of as many numbers as there are columns.
bool is_row(const NodeView& node, std::size_t i, std::size_t b, bool transposed) {
  if (!node.has_input(i)) return true;
  const std::optional<Dims>& dims = node.input(i).dims;
  const std::optional<Dims>& right = node.input(b).dims;
  if (!dims || dims->empty() || !right || right->size() < 2) return false;
  for (std::size_t axis = 0; axis + 1 < dims->size(); ++axis)
    if ((*dims)[axis] != Dim(1)) return false;
  return dims->size() <= right->size() && dims->back() == (transposed ? right->front() : right->back());
}

class MatMulIntegerKernel : public Kernel {
 public:
  static constexpr ByteProduct::Places kPlaces = {0, 2, 1, 3};

  explicit MatMulIntegerKernel(const NodeView& node) : product_(node, kPlaces) {}
  bool reads(std::size_t i) const override { return product_.reads(i); }

  void run(KernelContext& context) const override {
    const Shape shape = product_.shape(context);
    Tensor& out = context.output(0, DType::I32, shape);
    if (out.element_count() > 0)
      product_.multiply(context, shape, {.data = out.raw_mutable()}, sizeof(std::int32_t));
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
  bool reads(std::size_t i) const override { return product_.reads(i); }

  void run(KernelContext& context) const override {
    const Shape shape = product_.shape(context);
    const DType dtype = context.input(7).dtype();
    Tensor& out = context.output(0, dtype, shape);
    if (out.element_count() == 0) return;
    const float a_scale = single_float(context, 1);
    const float y_scale = single_float(context, 6);
    const std::size_t n = ByteProduct::columns(shape);
    const std::vector<float> scales =
        channel_scales(context, 4, n, [&](float b_scale) { return a_scale * b_scale / y_scale; });
    product_.multiply(context, shape,
                      levels_output(dtype, out.raw_mutable(), n, scales, single_integer(context, 7, 0)), 1);
  }

 private:
  ByteProduct product_;
};

std::unique_ptr<Kernel> make_qlinear_matmul(const NodeView& node) {
  const bool takes = ByteProduct::takes(node, QLinearMatMulKernel::kPlaces) && is_byte(node.dtype(7)) &&
                     node.dtype(1) == DType::F32 && ByteProduct::is_single(node, 1, false) &&
                     ByteProduct::is_single(node, 4, true) && ByteProduct::is_single(node, 6, false) &&
                     ByteProduct::is_single(node, 7, false);
  return takes ? std::make_unique<QLinearMatMulKernel>(node) : nullptr;
}

// Sums by both scales, plus a bias.
class MatMulIntegerToFloatKernel : public Kernel {
 public:
  static constexpr ByteProduct::Places kPlaces = {0, 4, 1, 5};

  explicit MatMulIntegerToFloatKernel(const NodeView& node) : product_(node, kPlaces) {}
  bool reads(std::size_t i) const override { return product_.reads(i); }

  void run(KernelContext& context) const override {
    const Shape shape = product_.shape(context);
    Tensor& out = context.output(0, DType::F32, shape);
    if (out.element_count() == 0) return;
    const std::size_t n = ByteProduct::columns(shape);
    const float a_scale = single_float(context, 2);
    const std::vector<float> scales =
        channel_scales(context, 3, n, [&](float b_scale) { return a_scale * b_scale; });
    product_.multiply(context, shape,
                      {.kind = IgemmOutput::Kind::Reals,
                       .data = out.raw_mutable(),
                       .scales = scales.data(),
                       .epilogue = {.column_bias = column_bias<float>(context, 6, n)}},
                      sizeof(float));
  }

 private:
  ByteProduct product_;
};

std::unique_ptr<Kernel> make_matmul_to_float(const NodeView& node) {
  const bool takes = ByteProduct::takes(node, MatMulIntegerToFloatKernel::kPlaces) &&
                     ByteProduct::is_single(node, 2, false) && ByteProduct::is_single(node, 3, true) &&
                     is_row(node, 6, 1, false);
  return takes ? std::make_unique<MatMulIntegerToFloatKernel>(node) : nullptr;
}

// Levels of a new scale where one is given, else real numbers; the bias is in steps of both scales.
class QGemmKernel : public Kernel {
 public:
  static constexpr ByteProduct::Places kPlaces = {0, 2, 3, 5};

  explicit QGemmKernel(const NodeView& node)
      : product_(node, kPlaces, node.integer("transB") != 0), alpha_(node.real("alpha", 1)) {}
  bool reads(std::size_t i) const override { return product_.reads(i); }

  void run(KernelContext& context) const override {
    const Shape shape = product_.shape(context);
    const bool to_levels = context.has_input(7);
    const DType dtype = !to_levels             ? DType::F32
                        : context.has_input(8) ? context.input(8).dtype()
                                               : context.input(0).dtype();
    Tensor& out = context.output(0, dtype, shape);
    if (out.element_count() == 0) return;
    const std::size_t n = ByteProduct::columns(shape);
    const float factor = alpha_ * single_float(context, 1) / (to_levels ? single_float(context, 7) : 1.0f);
    const std::vector<float> scales =
        channel_scales(context, 4, n, [&](float b_scale) { return factor * b_scale; });
    IgemmOutput output{.kind = IgemmOutput::Kind::Reals, .data = out.raw_mutable(), .scales = scales.data()};
    if (to_levels) output = levels_output(dtype, out.raw_mutable(), n, scales, single_integer(context, 8, 0));
    output.bias = column_bias<std::int32_t>(context, 6, n);
    product_.multiply(context, shape, output, byte_size(dtype, 1));
  }

 private:
  ByteProduct product_;
  float alpha_;
};

std::unique_ptr<Kernel> make_qgemm(const NodeView& node) {
  const std::optional<Dims>& a = node.input(0).dims;
  const std::optional<Dims>& b = node.input(3).dims;
  const bool takes = ByteProduct::takes(node, QGemmKernel::kPlaces) && a->size() == 2 && b->size() == 2 &&
                     node.integer("transA") == 0 && ByteProduct::is_single(node, 1, false) &&
                     ByteProduct::is_single(node, 4, true) && ByteProduct::is_single(node, 7, false) &&
                     ByteProduct::is_single(node, 8, false) &&
                     is_row(node, 6, 3, node.integer("transB") != 0);
  return takes ? std::make_unique<QGemmKernel>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> integer_matmul_kernels() {
  return {
      {"com.microsoft", "MatMulIntegerToFloat", make_matmul_to_float},
      {"com.microsoft", "QGemm", make_qgemm},
      {"", "MatMulInteger", make_matmul_integer},
      {"", "QLinearMatMul", make_qlinear_matmul},
  };
}

}  // namespace atlas::cpu

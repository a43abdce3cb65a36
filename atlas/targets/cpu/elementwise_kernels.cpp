// Element-wise operators in f32: functions, activations, arithmetic of two operands; the latter two in
// bfloat16 too.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "atlas/targets/cpu/broadcast_plan.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/elementwise.h"
#include "atlas/targets/cpu/tensor_numbers.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

class UnaryKernel : public Kernel {
 public:
  explicit UnaryKernel(UnaryKind kind) : kind_(kind) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    Tensor& y = context.output(0, DType::F32, x.shape());
    unary(kind_, x.values<float>().data(), y.values_mutable<float>().data(), y.element_count(),
          context.pool());
  }

 private:
  UnaryKind kind_;
};

template <UnaryKind kind>
std::unique_ptr<Kernel> make_unary(const NodeView& node) {
  return node.dtype(0) == DType::F32 ? std::make_unique<UnaryKernel>(kind) : nullptr;
}

class ActivationKernel : public Kernel {
 public:
  explicit ActivationKernel(Activation activation) : activation_(activation) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    Tensor& y = context.output(0, x.dtype(), x.shape());
    activate(activation_, numbers(x), mutable_numbers(y), y.element_count(), context.pool());
  }

 private:
  Activation activation_;
};

std::unique_ptr<Kernel> activation(const NodeView& node, Activation activation) {
  return is_f32_or_bf16(node.dtype(0)) ? std::make_unique<ActivationKernel>(activation) : nullptr;
}

template <ActivationKind kind>
std::unique_ptr<Kernel> make_activation(const NodeView& node) {
  return activation(node, {kind, node.real("alpha"), node.real("beta")});
}

std::unique_ptr<Kernel> make_gelu(const NodeView& node) {
  const bool tanh = node.string("approximate", "none") == "tanh";
  return activation(node, {tanh ? ActivationKind::GeluTanh : ActivationKind::Gelu});
}

std::unique_ptr<Kernel> make_swish(const NodeView& node) {
  if (node.real("alpha", 1) != 1) return nullptr;
  return activation(node, {ActivationKind::Silu});
}

// Bounds may come at run time.
class ClipKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const float low = bound(context, 1, -std::numeric_limits<float>::infinity());
    const float high = bound(context, 2, std::numeric_limits<float>::infinity());
    Tensor& y = context.output(0, DType::F32, x.shape());
    activate({ActivationKind::Clip, low, high}, x.values<float>().data(), y.values_mutable<float>().data(),
             y.element_count(), context.pool());
  }

 private:
  static float bound(const KernelContext& context, std::size_t i, float otherwise) {
    if (!context.has_input(i)) return otherwise;
    context.check(context.input(i).element_count() == 1, "expected one number as bound, got {}",
                  shown(context.input(i)));
    return context.input(i).values<float>()[0];
  }
};

std::unique_ptr<Kernel> make_clip(const NodeView& node) {
  return node.dtype(0) == DType::F32 ? std::make_unique<ClipKernel>() : nullptr;
}

Broadcast form(std::int64_t row_stride, std::int64_t column_stride) {
  if (column_stride == 0) return row_stride == 0 ? Broadcast::Scalar : Broadcast::Column;
  return row_stride == 0 ? Broadcast::Row : Broadcast::None;
}

// out = kind(a, b), which broadcast to the shape of `out`.
void combine(BinaryKind kind, const Tensor& a, const Tensor& b, Tensor& out, ThreadPool& pool) {
  if (out.element_count() == 0) return;
  const Numbers<const std::byte> x = numbers(a), y = numbers(b);
  const Numbers<std::byte> z = mutable_numbers(out);
  const std::vector<BroadcastAxis> axes = plan_broadcast(a.shape(), b.shape(), out.shape());
  const BroadcastAxis rows = axes.end()[-2];
  const BroadcastAxis columns = axes.back();
  // With one row, a stride along rows says nothing.
  const bool one_row = rows.extent == 1;
  const Broadcast x_form = form(one_row ? columns.x_stride : rows.x_stride, columns.x_stride);
  const Broadcast y_form = form(one_row ? columns.y_stride : rows.y_stride, columns.y_stride);
  const std::int64_t plane = rows.extent * columns.extent;
  std::vector<std::int64_t> at(axes.size() - 2, 0);
  for (std::size_t done = 0; done < out.element_count(); done += static_cast<std::size_t>(plane)) {
    std::int64_t x_at = 0;
    std::int64_t y_at = 0;
    for (std::size_t i = 0; i < at.size(); ++i) {
      x_at += at[i] * axes[i].x_stride;
      y_at += at[i] * axes[i].y_stride;
    }
    binary(kind, x.at(static_cast<std::size_t>(x_at)), x_form, y.at(static_cast<std::size_t>(y_at)), y_form,
           z.at(done), static_cast<std::size_t>(rows.extent), static_cast<std::size_t>(columns.extent), pool);
    for (std::size_t i = at.size(); i-- > 0;) {
      if (++at[i] < axes[i].extent) break;
      at[i] = 0;
    }
  }
}

class BinaryKernel : public Kernel {
 public:
  explicit BinaryKernel(BinaryKind kind) : kind_(kind) {}
  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    const Tensor& b = context.input(1);
    const Shape shape = a.shape() == b.shape() ? a.shape() : broadcast(a.shape(), b.shape());
    combine(kind_, a, b, context.output(0, a.dtype(), shape), context.pool());
  }

 private:
  BinaryKind kind_;
};

template <BinaryKind kind>
std::unique_ptr<Kernel> make_binary(const NodeView& node) {
  const bool two = node.input_count() == 2 && is_f32_or_bf16(node.dtype(0)) && node.dtype(1) == node.dtype(0);
  return two ? std::make_unique<BinaryKernel>(kind) : nullptr;
}

// Any number of operands, folded into the output from left to right; the output lies over none of them.
class VariadicKernel : public Kernel {
 public:
  VariadicKernel(BinaryKind kind, bool mean) : kind_(kind), mean_(mean) {}
  void run(KernelContext& context) const override {
    const std::size_t count = context.node().inputs.size();
    Shape shape = context.input(0).shape();
    for (std::size_t i = 1; i < count; ++i) shape = broadcast(shape, context.input(i).shape());
    Tensor& out = context.output(0, DType::F32, shape);
    const Tensor& first = context.input(0);
    if (count == 1) {
      std::ranges::copy(first.values<float>(), out.values_mutable<float>().begin());
      return;
    }
    combine(kind_, first, context.input(1), out, context.pool());
    for (std::size_t i = 2; i < count; ++i) combine(kind_, out, context.input(i), out, context.pool());
    if (mean_) combine(BinaryKind::Div, out, Tensor::scalar(static_cast<float>(count)), out, context.pool());
  }

 private:
  BinaryKind kind_;
  bool mean_;
};

template <BinaryKind kind, bool mean = false>
std::unique_ptr<Kernel> make_variadic(const NodeView& node) {
  for (std::size_t i = 0; i < node.input_count(); ++i)
    if (node.dtype(i) != DType::F32) return nullptr;
  return std::make_unique<VariadicKernel>(kind, mean);
}

// The exponents that models use: a square or a root.
std::unique_ptr<Kernel> make_pow(const NodeView& node) {
  const Tensor* exponent = node.constant(1);
  if (node.dtype(0) != DType::F32 || exponent == nullptr || exponent->element_count() != 1 ||
      exponent->rank() > 0)
    return nullptr;
  const double power = to_doubles(*exponent)[0];
  if (power == 2) return std::make_unique<UnaryKernel>(UnaryKind::Square);
  if (power == 0.5) return std::make_unique<UnaryKernel>(UnaryKind::Sqrt);
  return nullptr;
}

}  // namespace

std::vector<KernelDef> elementwise_kernels() {
  constexpr Sharing kInPlace = Sharing::InPlace;
  return {
      {"", "Abs", make_unary<UnaryKind::Abs>, kInPlace},
      {"", "Add", make_binary<BinaryKind::Add>, kInPlace},
      {"", "Ceil", make_unary<UnaryKind::Ceil>, kInPlace},
      {"", "Clip", make_clip, kInPlace},
      {"", "Div", make_binary<BinaryKind::Div>, kInPlace},
      {"", "Elu", make_activation<ActivationKind::Elu>, kInPlace},
      {"", "Erf", make_unary<UnaryKind::Erf>, kInPlace},
      {"", "Exp", make_unary<UnaryKind::Exp>, kInPlace},
      {"", "Floor", make_unary<UnaryKind::Floor>, kInPlace},
      {"", "Gelu", make_gelu, kInPlace},
      {"", "HardSigmoid", make_activation<ActivationKind::HardSigmoid>, kInPlace},
      {"", "HardSwish", make_activation<ActivationKind::HardSwish>, kInPlace},
      {"", "LeakyRelu", make_activation<ActivationKind::LeakyRelu>, kInPlace},
      {"", "Log", make_unary<UnaryKind::Log>, kInPlace},
      {"", "Max", make_binary<BinaryKind::Max>, kInPlace},
      {"", "Max", make_variadic<BinaryKind::Max>},
      {"", "Mean", make_variadic<BinaryKind::Add, true>},
      {"", "Min", make_binary<BinaryKind::Min>, kInPlace},
      {"", "Min", make_variadic<BinaryKind::Min>},
      {"", "Mish", make_activation<ActivationKind::Mish>, kInPlace},
      {"", "Mul", make_binary<BinaryKind::Mul>, kInPlace},
      {"", "Neg", make_unary<UnaryKind::Neg>, kInPlace},
      {"", "Pow", make_pow, kInPlace},
      {"", "Reciprocal", make_unary<UnaryKind::Reciprocal>, kInPlace},
      {"", "Relu", make_activation<ActivationKind::Relu>, kInPlace},
      {"", "Round", make_unary<UnaryKind::Round>, kInPlace},
      {"", "Sigmoid", make_activation<ActivationKind::Sigmoid>, kInPlace},
      {"", "Sign", make_unary<UnaryKind::Sign>, kInPlace},
      {"", "Softplus", make_activation<ActivationKind::Softplus>, kInPlace},
      {"", "Sqrt", make_unary<UnaryKind::Sqrt>, kInPlace},
      {"", "Sub", make_binary<BinaryKind::Sub>, kInPlace},
      {"", "Sum", make_binary<BinaryKind::Add>, kInPlace},
      {"", "Sum", make_variadic<BinaryKind::Add>},
      {"", "Swish", make_swish, kInPlace},
      {"", "Tanh", make_activation<ActivationKind::Tanh>, kInPlace},
  };
}

}  // namespace atlas::cpu

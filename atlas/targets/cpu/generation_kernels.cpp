// Tensors made out of little: ConstantOfShape, Range, OneHot, EyeLike.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

std::size_t width(const Tensor& tensor) {
  return static_cast<std::size_t>(bits(tensor.dtype())) / 8;
}

// Elements [begin, end) of `out` become the one at `element`.
void fill(Tensor& out, std::size_t begin, std::size_t end, const void* element) {
  const std::size_t size = width(out);
  auto* to = static_cast<std::byte*>(out.raw_mutable());
  for (std::size_t i = begin; i < end; ++i) std::memcpy(to + i * size, element, size);
}

class ConstantOfShapeKernel : public Kernel {
 public:
  explicit ConstantOfShapeKernel(Tensor value) : value_(std::move(value)) {}
  void run(KernelContext& context) const override {
    Tensor& out = context.output(0, value_.dtype(), to_ints(context.input(0)));
    constexpr std::size_t kGrain = 1 << 16;
    context.pool().parallel_for(out.element_count(), kGrain, [&](std::size_t begin, std::size_t end) {
      fill(out, begin, end, value_.raw());
    });
  }

 private:
  Tensor value_;
};

std::unique_ptr<Kernel> make_constant_of_shape(const NodeView& node) {
  const auto* given = node.node().attributes.get<Tensor>("value");
  const Tensor value = given ? *given : Tensor::scalar(0.0f);
  if (value.element_count() != 1 || bits(value.dtype()) < 8) return nullptr;
  return std::make_unique<ConstantOfShapeKernel>(value);
}

template <typename T>
class RangeKernel : public Kernel {
 public:
  void run(KernelContext& context) const override {
    for (std::size_t i = 0; i < 3; ++i)
      context.check(context.input(i).element_count() == 1, "expected one number as input {}, got {}", i,
                    shown(context.input(i)));
    const auto number = [&](std::size_t i) { return context.input(i).values<T>()[0]; };
    // Wide enough for any distance of the type, and for products of its steps.
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double, __int128>;
    const Wide start = number(0);
    const Wide distance = static_cast<Wide>(number(1)) - start;
    const Wide step = number(2);
    context.check(step != 0, "expected a step other than 0");
    double length = 0;
    if constexpr (std::is_floating_point_v<T>) {
      length = std::ceil(distance / step);
      context.check(!std::isnan(length), "expected finite bounds");
    } else {
      length = static_cast<double>((distance + step - (step > 0 ? 1 : -1)) / step);
    }
    context.check(length < 0x1p48, "its length, {}, is beyond all bounds", length);
    const std::int64_t count = length > 0 ? static_cast<std::int64_t>(length) : 0;
    Tensor& out = context.output(0, dtype_of<T>, {count});
    T* to = out.template values_mutable<T>().data();
    for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<T>(start + static_cast<Wide>(i) * step);
  }
};

std::unique_ptr<Kernel> make_range(const NodeView& node) {
  switch (node.dtype(0)) {
    case DType::F32:
      return std::make_unique<RangeKernel<float>>();
    case DType::I32:
      return std::make_unique<RangeKernel<std::int32_t>>();
    case DType::I64:
      return std::make_unique<RangeKernel<std::int64_t>>();
    default:
      return nullptr;
  }
}

class OneHotKernel : public Kernel {
 public:
  explicit OneHotKernel(const NodeView& node) : axis_(node.integer("axis", -1)) {}
  void run(KernelContext& context) const override {
    const Tensor& values = context.input(2);
    context.check(context.input(1).element_count() == 1, "expected one number as depth, got {}",
                  shown(context.input(1)));
    context.check(values.element_count() == 2, "expected the values off and on, got {}", shown(values));
    const std::int64_t depth = to_ints(context.input(1))[0];
    context.check(depth >= 1, "expected a depth of 1 or more, got {}", depth);
    const std::vector<std::int64_t> indices = to_ints(context.input(0));
    Shape shape = context.input(0).shape();
    const std::int64_t axis = static_cast<std::int64_t>(context.axis(axis_, shape.size() + 1));
    const std::size_t inner = element_count({shape.begin() + axis, shape.end()});
    shape.insert(shape.begin() + axis, depth);
    Tensor& out = context.output(0, values.dtype(), shape);
    const auto* off = static_cast<const std::byte*>(values.raw());
    fill(out, 0, out.element_count(), off);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const std::int64_t code = indices[i] < 0 ? indices[i] + depth : indices[i];
      if (code < 0 || code >= depth) continue;
      const std::size_t at =
          (i / inner * static_cast<std::size_t>(depth) + static_cast<std::size_t>(code)) * inner + i % inner;
      fill(out, at, at + 1, off + width(values));
    }
  }

 private:
  std::int64_t axis_;
};

std::unique_ptr<Kernel> make_one_hot(const NodeView& node) {
  return bits(node.dtype(2)) >= 8 ? std::make_unique<OneHotKernel>(node) : nullptr;
}

class EyeLikeKernel : public Kernel {
 public:
  EyeLikeKernel(const NodeView& node, DType dtype)
      : one_(from_ints(dtype, {}, std::vector<std::int64_t>{1})), diagonal_(node.integer("k")) {}
  void run(KernelContext& context) const override {
    const Shape& shape = context.input(0).shape();
    context.check(shape.size() == 2, "expected a matrix, got {}", shown(context.input(0)));
    Tensor& out = context.output(0, one_.dtype(), shape);
    if (out.element_count() == 0) return;
    std::memset(out.raw_mutable(), 0, out.element_count() * width(out));
    for (std::int64_t row = 0; row < shape[0]; ++row) {
      std::int64_t column = 0;
      if (__builtin_add_overflow(row, diagonal_, &column) || column < 0 || column >= shape[1]) continue;
      const auto at = static_cast<std::size_t>(row * shape[1] + column);
      fill(out, at, at + 1, one_.raw());
    }
  }

 private:
  Tensor one_;
  std::int64_t diagonal_;
};

std::unique_ptr<Kernel> make_eye_like(const NodeView& node) {
  const DType dtype = node.output(0).dtype;
  return bits(dtype) >= 8 && (is_floating(dtype) || is_integer(dtype))
             ? std::make_unique<EyeLikeKernel>(node, dtype)
             : nullptr;
}

}  // namespace

std::vector<KernelDef> generation_kernels() {
  return {
      {"", "ConstantOfShape", make_constant_of_shape},
      {"", "EyeLike", make_eye_like},
      {"", "OneHot", make_one_hot},
      {"", "Range", make_range},
  };
}

}  // namespace atlas::cpu

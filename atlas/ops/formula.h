// Short words for decompositions into many small nodes.
#pragma once

#include "atlas/ops/decompose_context.h"
#include "atlas/ops/scalar_like.h"

namespace atlas::ops {

/// Orders of axes from [batch, spatial..., channels] to [batch, channels, spatial...], and back.
inline std::vector<std::int64_t> channels_first(std::size_t rank) {
  std::vector<std::int64_t> out = {0, static_cast<std::int64_t>(rank) - 1};
  for (std::size_t i = 1; i + 1 < rank; ++i) out.push_back(static_cast<std::int64_t>(i));
  return out;
}
inline std::vector<std::int64_t> channels_last(std::size_t rank) {
  std::vector<std::int64_t> out = {0};
  for (std::size_t i = 2; i < rank; ++i) out.push_back(static_cast<std::int64_t>(i));
  out.push_back(1);
  return out;
}

struct Formula {
  DecomposeContext& context;
  GraphBuilder& builder = context.builder();

  ValueId input(std::size_t i) const { return context.input(i); }
  ValueId op(std::string_view name, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return builder.op(name, std::move(inputs), std::move(attributes));
  }
  ValueId add(ValueId a, ValueId b) { return op("Add", {a, b}); }
  /// `a` where `b` is left out.
  ValueId add_given(ValueId a, ValueId b) { return b == ValueId::None ? a : add(a, b); }
  ValueId sub(ValueId a, ValueId b) { return op("Sub", {a, b}); }
  ValueId mul(ValueId a, ValueId b) { return op("Mul", {a, b}); }
  ValueId div(ValueId a, ValueId b) { return op("Div", {a, b}); }

  /// A scalar of the element type of input 0.
  ValueId number(double value) { return scalar_like(context, 0, value); }
  ValueId ints(std::vector<std::int64_t> values) { return builder.ints(std::move(values)); }
  ValueId integer(std::int64_t value) { return builder.constant(Tensor::scalar(value)); }
  /// I64 of rank 1: dims [begin, end) of `x`; to the last where end is 0.
  ValueId dims(ValueId x, std::int64_t begin, std::int64_t end = 0) {
    Attributes attributes = {{"start", begin}};
    if (end != 0) attributes.set("end", end);
    return op("Shape", {x}, attributes);
  }
  ValueId cast(ValueId x, DType dtype) { return op("Cast", {x}, {{"to", static_cast<std::int64_t>(dtype)}}); }
  /// I64 in a row, of rank 1.
  ValueId joined(std::vector<ValueId> parts) { return concat(std::move(parts), 0); }
  ValueId concat(std::vector<ValueId> parts, std::int64_t axis) {
    return op("Concat", std::move(parts), {{"axis", axis}});
  }
  ValueId reshape(ValueId x, ValueId shape) { return op("Reshape", {x, shape}); }
  /// 0 keeps a dim, -1 takes what is left.
  ValueId reshape(ValueId x, std::vector<std::int64_t> shape) { return reshape(x, ints(std::move(shape))); }
  ValueId transpose(ValueId x, std::vector<std::int64_t> order) {
    return op("Transpose", {x}, {{"perm", std::move(order)}});
  }
  ValueId unsqueeze(ValueId x, std::vector<std::int64_t> axes) {
    return op("Unsqueeze", {x, ints(std::move(axes))});
  }
  ValueId slice(ValueId x, ValueId begin, ValueId end, std::int64_t axis) {
    return op("Slice", {x, begin, end, ints({axis})});
  }
  /// 0, 1, ... below `count`, an I64 of rank 1 with one element.
  ValueId count_to(ValueId count) { return op("Range", {integer(0), op("Squeeze", {count}), integer(1)}); }
};

}  // namespace atlas::ops

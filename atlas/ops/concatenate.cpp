// Block copies around one axis.
#include "atlas/ops/concatenate.h"

#include "atlas/base/error.h"
#include "atlas/ops/element_copy.h"

namespace atlas {

Tensor concatenated(std::span<const Tensor> parts, std::size_t axis, std::string_view where) {
  require(!parts.empty(), "{}: expected at least one tensor", where);
  const DType dtype = parts[0].dtype();
  Shape shape = parts[0].shape();
  require(axis < shape.size(), "{}: axis {} is outside {}", where, axis, text(parts[0]));
  shape[axis] = 0;
  for (const Tensor& part : parts) {
    Shape frame = part.shape();
    if (axis < frame.size()) {
      shape[axis] += frame[axis];
      frame[axis] = shape[axis];
    }
    if (part.dtype() != dtype || frame != shape)
      fail(ErrorCode::InvalidArgument, "{}: {} and {} do not join along axis {}", where, text(parts[0]),
           text(part), axis);
  }
  ElementArray out(dtype, element_count(shape));
  const AxisSplit whole = split_at(shape, axis);
  std::size_t begin = 0;
  for (const Tensor& part : parts) {
    const ElementArray from(part);
    const std::size_t block = static_cast<std::size_t>(part.dim(axis)) * whole.inner;
    for (std::size_t outer = 0; block > 0 && outer < whole.outer; ++outer)
      out.copy(outer * whole.extent * whole.inner + begin, from, outer * block, block);
    begin += block;
  }
  return out.tensor(std::move(shape));
}

Tensor stacked(std::span<const Tensor> parts, std::size_t axis, std::string_view where) {
  std::vector<Tensor> slices;
  for (const Tensor& part : parts) {
    if (axis > part.rank())
      fail(ErrorCode::InvalidArgument, "{}: axis {} is outside {}", where, axis, text(part));
    Shape shape = part.shape();
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    slices.push_back(part.reshaped(std::move(shape)));
  }
  return concatenated(slices, axis, where);
}

Tensor cut(const Tensor& tensor, std::size_t axis, std::int64_t begin, std::int64_t size) {
  ensure(axis < tensor.rank() && begin >= 0 && size >= 0 && size <= tensor.dim(axis) - begin,
         "a cut outside its tensor");
  Shape shape = tensor.shape();
  shape[axis] = size;
  const AxisSplit whole = split_at(tensor.shape(), axis);
  const std::size_t block = static_cast<std::size_t>(size) * whole.inner;
  const ElementArray from(tensor);
  ElementArray out(tensor.dtype(), element_count(shape));
  for (std::size_t outer = 0; block > 0 && outer < whole.outer; ++outer)
    out.copy(outer * block, from,
             outer * whole.extent * whole.inner + static_cast<std::size_t>(begin) * whole.inner, block);
  return out.tensor(std::move(shape));
}

Tensor element_along(const Tensor& tensor, std::size_t axis, std::int64_t at) {
  Shape shape = tensor.shape();
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return cut(tensor, axis, at, 1).reshaped(std::move(shape));
}

}  // namespace atlas

// Moving elements about without regard to their type: strings, complex numbers and packed types alike.
#pragma once

#include <cstdint>

#include "atlas/base/function_ref.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// The elements of a tensor one by one: strings, or items of a whole number of bytes (packed types are held
/// one a byte).
class ElementArray {
 public:
  /// Reads `tensor`: shares its memory, unless packed. Must not be written to.
  explicit ElementArray(const Tensor& tensor);
  /// `count` elements, all bits zero or empty strings.
  ElementArray(DType dtype, std::size_t count);
  /// A copy to write to.
  static ElementArray copy_of(const Tensor& tensor);

  std::size_t size() const { return items_.element_count(); }
  /// Elements [at, at + count) of `from` become those at `to`; both arrays hold elements of one type.
  void copy(std::size_t to, const ElementArray& from, std::size_t at, std::size_t count = 1);
  /// The elements as a tensor; `shape` has as many.
  Tensor tensor(Shape shape) const;

 private:
  DType dtype_;
  std::size_t width_;  // bytes of an item; 0 for strings
  Tensor items_;
};

/// What a source function returns for an element that comes from nowhere: it becomes the filler.
inline constexpr std::int64_t kOutside = -1;

/// out[i] = source[from(i)]; `filler` has one element, null stands for zero or the empty string. Offsets must
/// lie inside `source`.
Tensor pick(const Tensor& source, Shape shape, FunctionRef<std::int64_t(std::size_t)> from,
            const Tensor* filler = nullptr);

/// The element at coordinates (c0, c1, ...) of the result is source[from(0, c0) + from(1, c1) + ...], or the
/// filler where any of these is kOutside. Not called where the result has no elements.
Tensor pick_along_axes(const Tensor& source, Shape shape,
                       FunctionRef<std::int64_t(std::size_t axis, std::int64_t coordinate)> from,
                       const Tensor* filler = nullptr);

/// `shape` seen as [outer, extent, inner] around `axis`; for axis == rank the extent is 1.
struct AxisSplit {
  std::size_t outer = 1;
  std::size_t extent = 1;
  std::size_t inner = 1;
};
AxisSplit split_at(const Shape& shape, std::size_t axis);

}  // namespace atlas

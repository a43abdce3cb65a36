// A dense, row-major tensor: element type, shape and a place in a buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "atlas/tensor/buffer.h"
#include "atlas/tensor/dtype.h"
#include "atlas/tensor/shape.h"

namespace atlas {

/// Copies share the buffer; `clone()` copies the data. A default Tensor has dtype Undefined and no data.
class Tensor {
 public:
  Tensor() = default;

  /// Memory allocated and not initialised (strings: empty). Throws InvalidArgument, ResourceExhausted.
  Tensor(DType dtype, Shape shape);

  /// A view of `buffer` from `offset_bytes`. Throws InvalidArgument where it does not fit.
  Tensor(DType dtype, Shape shape, std::shared_ptr<Buffer> buffer, std::size_t offset_bytes = 0);

  /// A tensor that holds a copy of `values`; their number must be that of the shape.
  template <typename T>
  static Tensor of(Shape shape, std::span<const T> values);
  template <typename T>
  static Tensor of(Shape shape, std::initializer_list<T> values) {
    return of<T>(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }
  template <typename T>
  static Tensor scalar(T value) {
    return of<T>({}, {value});
  }
  /// Rank 1.
  static Tensor of_ints(std::span<const std::int64_t> values) {
    return of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::size_t rank() const { return shape_.size(); }
  std::int64_t dim(std::size_t axis) const { return shape_[axis]; }
  std::size_t element_count() const { return count_; }
  /// Bytes of the elements; for strings the sum of their lengths.
  std::size_t size_bytes() const;
  bool is_defined() const { return dtype_ != DType::Undefined; }

  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  std::size_t offset_bytes() const { return offset_bytes_; }

  const void* raw() const;
  void* raw_mutable();

  /// The elements. Throws InvalidArgument where T is not the element type.
  template <typename T>
  std::span<const T> values() const {
    check_type(dtype_of<T>);
    return {static_cast<const T*>(raw()), count_};
  }
  template <typename T>
  std::span<T> values_mutable() {
    check_type(dtype_of<T>);
    return {static_cast<T*>(raw_mutable()), count_};
  }

  /// The same data under another shape of as many elements.
  Tensor reshaped(Shape shape) const;
  Tensor clone() const;

 private:
  void check_type(DType wanted) const;

  DType dtype_ = DType::Undefined;
  Shape shape_;
  std::size_t count_ = 0;
  std::size_t offset_bytes_ = 0;
  std::shared_ptr<Buffer> buffer_;
};

template <typename T>
Tensor Tensor::of(Shape shape, std::span<const T> values) {
  Tensor out(dtype_of<T>, std::move(shape));
  out.values_mutable<T>();
  if (values.size() != out.count_) out.check_type(DType::Undefined);
  for (std::size_t i = 0; i < values.size(); ++i) static_cast<T*>(out.raw_mutable())[i] = values[i];
  return out;
}

/// Same type, shape and bits (floats compared by their bits; strings by content).
bool identical(const Tensor& a, const Tensor& b);

/// "f32[1,3,224,224]"
std::string text(const Tensor& tensor);

}  // namespace atlas

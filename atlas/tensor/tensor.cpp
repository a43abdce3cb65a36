// Construction and views of tensors.
#include "atlas/tensor/tensor.h"

#include <algorithm>
#include <cstring>

#include "atlas/base/error.h"

namespace atlas {
namespace {

std::size_t storage_bytes(DType dtype, std::size_t count) {
  return dtype == DType::String ? count * sizeof(std::string) : byte_size(dtype, count);
}

}  // namespace

Tensor::Tensor(DType dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)) {
  require(dtype != DType::Undefined, "tensor: an element type is needed");
  count_ = atlas::element_count(shape_);
  buffer_ = dtype == DType::String ? Buffer::strings(count_) : Buffer::allocate(byte_size(dtype, count_));
}

Tensor::Tensor(DType dtype, Shape shape, std::shared_ptr<Buffer> buffer, std::size_t offset_bytes)
    : dtype_(dtype), shape_(std::move(shape)), offset_bytes_(offset_bytes), buffer_(std::move(buffer)) {
  require(dtype != DType::Undefined, "tensor: an element type is needed");
  count_ = atlas::element_count(shape_);
  const std::size_t needed = storage_bytes(dtype, count_);
  const std::size_t available =
      buffer_ && offset_bytes <= buffer_->size_bytes() ? buffer_->size_bytes() - offset_bytes : 0;
  if (needed > available || !buffer_)
    fail(ErrorCode::InvalidArgument, "tensor {}: expected {} bytes of data, got {}", text(*this), needed,
         available);
  if ((dtype == DType::String) != buffer_->is_strings())
    fail(ErrorCode::InvalidArgument, "tensor {}: strings live in a buffer of strings", text(*this));
}

std::size_t Tensor::size_bytes() const {
  if (dtype_ == DType::Undefined) return 0;
  if (dtype_ != DType::String) return byte_size(dtype_, count_);
  std::size_t total = 0;
  for (const std::string& s : values<std::string>()) total += s.size();
  return total;
}

const void* Tensor::raw() const {
  return buffer_ ? static_cast<const char*>(buffer_->data()) + offset_bytes_ : nullptr;
}

void* Tensor::raw_mutable() {
  ensure(!buffer_ || buffer_->is_writable(), "write to a read-only buffer");
  return buffer_ ? static_cast<char*>(buffer_->data()) + offset_bytes_ : nullptr;
}

Tensor Tensor::reshaped(Shape shape) const {
  const std::size_t count = atlas::element_count(shape);
  if (count != count_)
    fail(ErrorCode::InvalidArgument, "tensor {}: expected a shape of {} elements, got {}", text(*this),
         count_, atlas::text(shape));
  Tensor out = *this;
  out.shape_ = std::move(shape);
  return out;
}

Tensor Tensor::clone() const {
  if (!is_defined()) return {};
  Tensor out(dtype_, shape_);
  if (dtype_ == DType::String) {
    std::ranges::copy(values<std::string>(), out.values_mutable<std::string>().begin());
  } else if (count_ > 0) {
    std::memcpy(out.raw_mutable(), raw(), byte_size(dtype_, count_));
  }
  return out;
}

// Every access to values comes by here: nothing is made of messages that are not needed.
void Tensor::check_type(DType wanted) const {
  if (wanted == DType::Undefined)
    fail(ErrorCode::InvalidArgument, "tensor {}: the number of values is not that of the shape", text(*this));
  require(wanted == dtype_, "tensor: expected elements of type {}, got {}", name(wanted), name(dtype_));
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  if (!a.is_defined() || a.element_count() == 0) return true;
  if (a.dtype() == DType::String) return std::ranges::equal(a.values<std::string>(), b.values<std::string>());
  return std::memcmp(a.raw(), b.raw(), byte_size(a.dtype(), a.element_count())) == 0;
}

std::string text(const Tensor& tensor) {
  return fmt::format("{}{}", name(tensor.dtype()), text(tensor.shape()));
}

}  // namespace atlas

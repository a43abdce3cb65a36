// Copies of items by bytes, or of strings, and the walks built on them.
#include "atlas/ops/element_copy.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

// Packed types one a byte, as an I8 tensor; others as they are.
Tensor loosened(const Tensor& tensor) {
  if (!is_packed(tensor.dtype())) return tensor;
  return Tensor::of<std::int8_t>(tensor.shape(), unpack(tensor));
}

DType item_dtype(DType dtype) {
  return is_packed(dtype) ? DType::I8 : dtype;
}

}  // namespace

ElementArray::ElementArray(const Tensor& tensor)
    : dtype_(tensor.dtype()),
      width_(static_cast<std::size_t>(bits(item_dtype(dtype_))) / 8),
      items_(loosened(tensor)) {}

ElementArray::ElementArray(DType dtype, std::size_t count)
    : dtype_(dtype),
      width_(static_cast<std::size_t>(bits(item_dtype(dtype))) / 8),
      items_(item_dtype(dtype), {static_cast<std::int64_t>(count)}) {
  if (width_ > 0 && count > 0) std::memset(items_.raw_mutable(), 0, count * width_);
}

ElementArray ElementArray::copy_of(const Tensor& tensor) {
  return ElementArray(tensor.clone());
}

void ElementArray::copy(std::size_t to, const ElementArray& from, std::size_t at, std::size_t count) {
  if (count == 0) return;
  if (width_ == 0) {
    const auto strings = from.items_.values<std::string>();
    std::copy_n(strings.begin() + static_cast<std::ptrdiff_t>(at), count,
                items_.values_mutable<std::string>().begin() + static_cast<std::ptrdiff_t>(to));
  } else {
    std::memcpy(static_cast<std::byte*>(items_.raw_mutable()) + to * width_,
                static_cast<const std::byte*>(from.items_.raw()) + at * width_, count * width_);
  }
}

Tensor ElementArray::tensor(Shape shape) const {
  if (!is_packed(dtype_)) return items_.reshaped(std::move(shape));
  const std::size_t count = element_count(shape);
  ensure(count == size(), "an element array under a shape of another size");
  Tensor out(dtype_, std::move(shape));
  const std::size_t width = static_cast<std::size_t>(bits(dtype_));
  const std::size_t per_byte = 8 / width;
  const auto items = items_.values<std::int8_t>();
  auto* bytes = static_cast<std::uint8_t*>(out.raw_mutable());
  std::fill_n(bytes, (count + per_byte - 1) / per_byte, std::uint8_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned code = static_cast<std::uint8_t>(items[i]) & ((1u << width) - 1);
    bytes[i / per_byte] |= static_cast<std::uint8_t>(code << (i % per_byte * width));
  }
  return out;
}

Tensor pick(const Tensor& source, Shape shape, FunctionRef<std::int64_t(std::size_t)> from,
            const Tensor* filler) {
  const ElementArray in(source);
  ElementArray out(source.dtype(), element_count(shape));
  const ElementArray fill = filler ? ElementArray(*filler) : ElementArray(source.dtype(), 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t at = from(i);
    if (at == kOutside) {
      out.copy(i, fill, 0);
    } else {
      out.copy(i, in, static_cast<std::size_t>(at));
    }
  }
  return out.tensor(std::move(shape));
}

namespace {

// One axis in the place of the last two: runs to copy get longer.
void merge_last(std::vector<std::vector<std::int64_t>>& offsets) {
  const std::vector<std::int64_t> inner = std::move(offsets.back());
  offsets.pop_back();
  std::vector<std::int64_t> merged;
  for (const std::int64_t outer : offsets.back())
    for (const std::int64_t at : inner)
      merged.push_back(outer == kOutside || at == kOutside ? kOutside : outer + at);
  offsets.back() = std::move(merged);
}

}  // namespace

Tensor pick_along_axes(const Tensor& source, Shape shape,
                       FunctionRef<std::int64_t(std::size_t, std::int64_t)> from, const Tensor* filler) {
  if (element_count(shape) == 0) return Tensor(source.dtype(), std::move(shape));
  if (shape.empty()) return pick(source, {}, [](std::size_t) { return std::int64_t{0}; });

  std::vector<std::vector<std::int64_t>> offsets(shape.size());
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    for (std::int64_t at = 0; at < shape[axis]; ++at) offsets[axis].push_back(from(axis, at));

  constexpr std::size_t kRun = 1024, kMostOffsets = 1 << 16;
  while (offsets.size() > 1 && offsets.back().size() < kRun &&
         offsets.back().size() * offsets[offsets.size() - 2].size() <= kMostOffsets)
    merge_last(offsets);

  const ElementArray in(source);
  ElementArray out(source.dtype(), element_count(shape));
  const ElementArray fill = filler ? ElementArray(*filler) : ElementArray(source.dtype(), 1);
  const std::vector<std::int64_t>& last = offsets.back();
  const auto steps_by = [&](std::int64_t step) {
    return last[0] != kOutside &&
           std::ranges::adjacent_find(last, [&](auto a, auto b) { return b != a + step; }) == last.end();
  };
  const bool contiguous = steps_by(1);
  const bool repeated = !contiguous && steps_by(0);
  std::vector<std::size_t> at(offsets.size() - 1, 0);
  for (std::size_t to = 0; to < out.size(); to += last.size()) {
    std::int64_t base = 0;
    bool outside = false;
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
      base += offsets[axis][at[axis]];
      outside = outside || offsets[axis][at[axis]] == kOutside;
    }
    if (contiguous && !outside) {
      out.copy(to, in, static_cast<std::size_t>(base + last[0]), last.size());
    } else if (repeated && !outside) {
      out.copy(to, in, static_cast<std::size_t>(base + last[0]));
      for (std::size_t done = 1; done < last.size(); done *= 2)
        out.copy(to + done, out, to, std::min(done, last.size() - done));
    } else {
      for (std::size_t i = 0; i < last.size(); ++i) {
        if (outside || last[i] == kOutside) {
          out.copy(to + i, fill, 0);
        } else {
          out.copy(to + i, in, static_cast<std::size_t>(base + last[i]));
        }
      }
    }
    for (std::size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < offsets[axis].size()) break;
      at[axis] = 0;
    }
  }
  return out.tensor(std::move(shape));
}

AxisSplit split_at(const Shape& shape, std::size_t axis) {
  AxisSplit out;
  for (std::size_t i = 0; i < shape.size(); ++i)
    (i < axis ? out.outer : i == axis ? out.extent : out.inner) *= static_cast<std::size_t>(shape[i]);
  return out;
}

}  // namespace atlas

// Shape arithmetic with overflow checked once, here.
#include "atlas/tensor/shape.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {

std::size_t element_count(std::span<const std::int64_t> shape) {
  constexpr std::size_t kLimit = std::size_t{1} << 48;
  std::size_t count = 1;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0)
      fail(ErrorCode::InvalidArgument, "shape {}: expected extents of 0 or more",
           text(Shape(shape.begin(), shape.end())));
    if (extent == 0) {
      empty = true;
      continue;
    }
    if (static_cast<std::size_t>(extent) > kLimit / count)
      fail(ErrorCode::InvalidArgument, "shape {}: more than 2^48 elements",
           text(Shape(shape.begin(), shape.end())));
    count *= static_cast<std::size_t>(extent);
  }
  return empty ? 0 : count;
}

std::vector<std::int64_t> row_major_strides(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Shape broadcast(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Shape out(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t x = i + a.size() < rank ? 1 : a[i + a.size() - rank];
    const std::int64_t y = i + b.size() < rank ? 1 : b[i + b.size() - rank];
    if (x != y && x != 1 && y != 1)
      fail(ErrorCode::InvalidArgument, "broadcast: shapes {} and {} do not fit each other", text(a), text(b));
    out[i] = x == 1 ? y : x;
  }
  return out;
}

std::vector<std::int64_t> broadcast_strides(const Shape& shape, const Shape& to) {
  if (shape.size() > to.size())
    fail(ErrorCode::InvalidArgument, "broadcast: shape {} does not broadcast to {}", text(shape), text(to));
  const std::vector<std::int64_t> own = row_major_strides(shape);
  std::vector<std::int64_t> strides(to.size(), 0);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t at = i + to.size() - shape.size();
    if (shape[i] != to[at] && shape[i] != 1)
      fail(ErrorCode::InvalidArgument, "broadcast: shape {} does not broadcast to {}", text(shape), text(to));
    strides[at] = shape[i] == 1 ? 0 : own[i];
  }
  return strides;
}

std::int64_t normalize_axis(std::int64_t axis, std::size_t rank, std::string_view where) {
  const auto limit = static_cast<std::int64_t>(rank);
  require(axis >= -limit && axis < limit, "{}: expected an axis in [{}, {}), got {}", where, -limit, limit,
          axis);
  return axis < 0 ? axis + limit : axis;
}

std::string text(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

}  // namespace atlas

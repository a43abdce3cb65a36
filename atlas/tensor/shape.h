// Shapes with every extent known, and the arithmetic on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlas {

/// Extents, outermost first; rank 0 is a scalar. Elements are stored in row-major order.
using Shape = std::vector<std::int64_t>;

/// Product of the extents. Throws InvalidArgument on a negative extent or beyond 2^48 elements.
std::size_t element_count(std::span<const std::int64_t> shape);

/// Elements (not bytes) to step for one step along each axis.
std::vector<std::int64_t> row_major_strides(std::span<const std::int64_t> shape);

/// The shape both broadcast to under ONNX's (numpy's) rules. Throws InvalidArgument where they do not.
Shape broadcast(const Shape& a, const Shape& b);

/// Strides with which a tensor of `shape` is read as one of shape `to`: 0 along broadcast axes.
std::vector<std::int64_t> broadcast_strides(const Shape& shape, const Shape& to);

/// `axis` in [-rank, rank) brought to [0, rank). Throws InvalidArgument outside; `where` opens the message.
std::int64_t normalize_axis(std::int64_t axis, std::size_t rank, std::string_view where);

/// "[1,3,224,224]"
std::string text(const Shape& shape);

}  // namespace atlas

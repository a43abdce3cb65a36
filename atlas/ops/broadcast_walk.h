// The elements of tensors in the order of the shape that they broadcast to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "atlas/ops/reference_context.h"

namespace atlas {

/// For each element of `to`, in row-major order, the index of the element of `shape` it repeats. Throws
/// InvalidArgument where `shape` does not broadcast to `to`.
std::vector<std::size_t> broadcast_indices(const Shape& shape, const Shape& to);

/// `values`, of `shape`, repeated to fill `to`.
template <typename T>
std::vector<T> broadcast_values(std::vector<T> values, const Shape& shape, const Shape& to) {
  if (shape == to) return values;
  const std::vector<std::size_t> from = broadcast_indices(shape, to);
  std::vector<T> out(from.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[from[i]];
  return out;
}

/// The shape that all inputs broadcast to. Throws InvalidArgument, naming the node, where there is none.
Shape broadcast_inputs(const ReferenceContext& context);

/// Input `i` repeated to fill `to`, as double, std::int64_t, std::uint64_t or std::string.
template <typename T>
std::vector<T> broadcast_input(const ReferenceContext& context, std::size_t i, const Shape& to);

}  // namespace atlas

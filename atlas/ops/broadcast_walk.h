// The elements of tensors in the order of the shape that they broadcast to.
#pragma once

#include <cstddef>
#include <vector>

#include "atlas/ops/reference_context.h"
#include "atlas/ops/wide_numbers.h"

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

/// Input `i` repeated to fill `to`, as one of the types of wide_numbers.h.
template <typename T>
std::vector<T> broadcast_input(const ReferenceContext& context, std::size_t i, const Shape& to) {
  return broadcast_values(wide_numbers<T>(context.input(i)), context.shape(i), to);
}

/// `combine(a, b)` of each pair of elements of inputs 0 and 1, both of the wide type of input 0, which may
/// have any element type but String and complex. Sets output 0, of the element type of input 0.
template <typename Combine>
void combine_pairs(ReferenceContext& context, Combine combine) {
  const Shape shape = broadcast_inputs(context);
  with_wide_type(context.dtype(0), [&]<typename T>(T) {
    std::vector<T> a = broadcast_input<T>(context, 0, shape);
    const std::vector<T> b = broadcast_input<T>(context, 1, shape);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = combine(a[i], b[i]);
    context.set_output(0, narrow(context.dtype(0), shape, a));
  });
}

}  // namespace atlas

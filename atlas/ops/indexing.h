// Indices into tensors, as gathers and scatters share them.
#pragma once

#include <cstdint>
#include <vector>

#include "atlas/ops/element_copy.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

/// `index` of an axis of this extent brought to [0, extent): negative ones count from the end. `context`
/// throws where it is outside.
template <typename Context>
std::int64_t checked_index(const Context& context, std::int64_t index, std::int64_t extent) {
  if (index < -extent || index >= extent)
    context.check(false, "index {} is outside an axis of extent {}", index, extent);
  return index < 0 ? index + extent : index;
}

/// For each element of `indices` (GatherElements, ScatterElements): the offset in a tensor of shape `data` of
/// the element at the same coordinates, but with the index in place of that along `axis`.
template <typename Context>
std::vector<std::int64_t> element_offsets(const Context& context, const Shape& data, const Shape& shape,
                                          const std::vector<std::int64_t>& indices, std::size_t axis) {
  context.check(shape.size() == data.size(), "expected indices of rank {}, got {}", data.size(),
                shape.size());
  for (std::size_t i = 0; i < data.size(); ++i)
    context.check(i == axis || shape[i] <= data[i], "indices {} do not fit into {}", text(shape), text(data));
  const std::vector<std::int64_t> strides = row_major_strides(data);
  std::vector<std::int64_t> offsets(indices.size());
  std::vector<std::int64_t> at(data.size(), 0);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    for (std::size_t d = 0; d < data.size(); ++d)
      offsets[i] += strides[d] * (d == axis ? checked_index(context, indices[i], data[d]) : at[d]);
    for (std::size_t d = data.size(); d-- > 0;) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
  return offsets;
}

/// For each index tuple of `indices` (GatherND, ScatterND; the tuple is its last axis): the offset in a
/// tensor of shape `data` of the slice that it names. The first `batch_axes` axes of both are common.
template <typename Context>
std::vector<std::int64_t> slice_offsets(const Context& context, const Shape& data, const Shape& shape,
                                        const std::vector<std::int64_t>& indices, std::size_t batch_axes) {
  context.check(!shape.empty() && shape.size() > batch_axes && data.size() >= batch_axes,
                "expected ranks above the {} batch axes, got data {} and indices {}", batch_axes, text(data),
                text(shape));
  const auto length = static_cast<std::size_t>(shape.back());
  context.check(length <= data.size() - batch_axes, "index tuples of {} do not fit data {}", length,
                text(data));
  std::size_t batches = 1;
  for (std::size_t i = 0; i < batch_axes; ++i) {
    context.check(shape[i] == data[i], "data {} and indices {} differ in batch axis {}", text(data),
                  text(shape), i);
    batches *= static_cast<std::size_t>(data[i]);
  }
  const std::vector<std::int64_t> strides = row_major_strides(data);
  std::vector<std::int64_t> offsets(element_count(Shape(shape.begin(), shape.end() - 1)));
  if (offsets.empty()) return offsets;
  const std::size_t per_batch = offsets.size() / batches;
  const std::int64_t batch_stride = batch_axes == 0 ? 0 : strides[batch_axes - 1];
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    offsets[i] = static_cast<std::int64_t>(i / per_batch) * batch_stride;
    for (std::size_t j = 0; j < length; ++j)
      offsets[i] +=
          strides[batch_axes + j] * checked_index(context, indices[i * length + j], data[batch_axes + j]);
  }
  return offsets;
}

}  // namespace atlas

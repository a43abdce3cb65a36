// Tensors joined and cut along one axis.
#pragma once

#include <span>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// The parts one after another along `axis`. Throws InvalidArgument, opening with `where`, unless they have
/// one type and agree in all other extents. At least one part.
Tensor concatenated(std::span<const Tensor> parts, std::size_t axis, std::string_view where);

/// The parts, of one type and shape, along a new axis.
Tensor stacked(std::span<const Tensor> parts, std::size_t axis, std::string_view where);

/// Elements [begin, begin + size) along `axis`, which must lie inside.
Tensor cut(const Tensor& tensor, std::size_t axis, std::int64_t begin, std::int64_t size);

/// Element `at` along `axis`, with that axis gone.
Tensor element_along(const Tensor& tensor, std::size_t axis, std::int64_t at);

}  // namespace atlas

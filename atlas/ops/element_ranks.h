// The order among the elements of a tensor, whatever their type.
#pragma once

#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// For each element its place among the distinct values in ascending order: equal elements share one. NaNs
/// are equal to each other and above all else; complex numbers order by real, then imaginary part.
std::vector<std::int64_t> element_ranks(const Tensor& tensor);

}  // namespace atlas

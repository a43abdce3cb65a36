// Vectors that stand for texts and pictures: from a model's hidden states, and how alike two are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// The mean over the tokens of row `index` whose mask is not 0. `hidden`: F32 [batch, tokens, size]; `mask`:
/// I64 [batch, tokens]. Zeros where the mask has none. Throws InvalidArgument on other shapes.
std::vector<float> mean_pooled(const Tensor& hidden, const Tensor& mask, std::int64_t index);

/// At length 1; a vector of zeros stays one.
std::vector<float> normalized(std::span<const float> vector);

/// Of the angle between them, -1 to 1; 0 where one is zero. Throws InvalidArgument on different sizes.
float cosine(std::span<const float> a, std::span<const float> b);

}  // namespace atlas

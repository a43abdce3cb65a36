// Pixels to what models read: scaled, centred, channels first, in a batch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// (pixel * scale - mean[c]) / deviation[c], channels in the order of the picture.
struct Normalization {
  float scale = 1.0f / 255;
  std::array<float, 3> mean{};
  std::array<float, 3> deviation{1, 1, 1};
};

/// What each of the 256 levels of channel `c` becomes.
std::array<float, 256> normalized_levels(const Normalization& normalization, std::size_t c);

/// An F32 tensor [count, 3, height, width] of zeros, to be filled picture by picture.
Tensor image_batch(std::int64_t count, std::int64_t height, std::int64_t width);

/// Writes `image`, U8 [height, width, 3], as picture `index` of `batch`, at its upper left corner. Throws
/// InvalidArgument where it does not fit.
void put_normalized(const Tensor& image, const Normalization& normalization, Tensor& batch,
                    std::int64_t index);

}  // namespace atlas

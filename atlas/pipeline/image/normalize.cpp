// One table of 256 results per channel does the arithmetic.
#include "atlas/pipeline/image/normalize.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {

std::array<float, 256> normalized_levels(const Normalization& normalization, std::size_t c) {
  std::array<float, 256> out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] =
        (static_cast<float>(i) * normalization.scale - normalization.mean[c]) / normalization.deviation[c];
  return out;
}

Tensor image_batch(std::int64_t count, std::int64_t height, std::int64_t width) {
  Tensor batch(DType::F32, {count, 3, height, width});
  std::ranges::fill(batch.values_mutable<float>(), 0.0f);
  return batch;
}

void put_normalized(const Tensor& image, const Normalization& normalization, Tensor& batch,
                    std::int64_t index) {
  require(image.rank() == 3 && image.dim(2) == 3 && batch.rank() == 4 && batch.dim(1) == 3 && index >= 0 &&
              index < batch.dim(0) && image.dim(0) <= batch.dim(2) && image.dim(1) <= batch.dim(3),
          "normalise: picture {} does not fit place {} of {}", text(image), index, text(batch));
  const std::uint8_t* pixels = image.values<std::uint8_t>().data();
  const std::int64_t plane = batch.dim(2) * batch.dim(3);
  for (std::size_t c = 0; c < 3; ++c) {
    const std::array<float, 256> level = normalized_levels(normalization, c);
    float* to = batch.values_mutable<float>().data() + (index * 3 + static_cast<std::int64_t>(c)) * plane;
    const std::uint8_t* from = pixels + c;
    for (std::int64_t y = 0; y < image.dim(0); ++y)
      for (std::int64_t x = 0; x < image.dim(1); ++x, from += 3) to[y * batch.dim(3) + x] = level[*from];
  }
}

}  // namespace atlas

// Sums in double, so that long texts lose nothing.
#include "atlas/pipeline/post/embeddings.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

double inner_product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace

std::vector<float> mean_pooled(const Tensor& hidden, const Tensor& mask, std::int64_t index) {
  require(
      hidden.dtype() == DType::F32 && hidden.rank() == 3 && mask.dtype() == DType::I64 &&
          mask.shape() == Shape{hidden.dim(0), hidden.dim(1)} && index >= 0 && index < hidden.dim(0),
      "embedding: expected hidden states f32[batch,tokens,size] and a mask i64[batch,tokens] with a row {}, "
      "got {} and {}",
      index, text(hidden), text(mask));
  const auto tokens = static_cast<std::size_t>(hidden.dim(1));
  const auto size = static_cast<std::size_t>(hidden.dim(2));
  const auto row = static_cast<std::size_t>(index);
  const auto values = hidden.values<float>().subspan(row * tokens * size, tokens * size);
  const auto kept = mask.values<std::int64_t>().subspan(row * tokens, tokens);
  std::vector<double> sums(size);
  std::size_t count = 0;
  for (std::size_t t = 0; t < tokens; ++t) {
    if (kept[t] == 0) continue;
    ++count;
    for (std::size_t i = 0; i < size; ++i) sums[i] += values[t * size + i];
  }
  std::vector<float> out(size);
  if (count > 0)
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<float>(sums[i] / static_cast<double>(count));
  return out;
}

std::vector<float> normalized(std::span<const float> vector) {
  const double length = std::sqrt(inner_product(vector, vector));
  std::vector<float> out(vector.begin(), vector.end());
  if (length > 0)
    for (float& value : out) value = static_cast<float>(value / length);
  return out;
}

float cosine(std::span<const float> a, std::span<const float> b) {
  require(a.size() == b.size(), "cosine: expected vectors of one size, got {} and {}", a.size(), b.size());
  const double lengths = std::sqrt(inner_product(a, a)) * std::sqrt(inner_product(b, b));
  return lengths > 0 ? static_cast<float>(std::clamp(inner_product(a, b) / lengths, -1.0, 1.0)) : 0;
}

}  // namespace atlas

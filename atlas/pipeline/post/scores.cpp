// The largest is subtracted first, so that nothing overflows.
#include "atlas/pipeline/post/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace atlas {

std::vector<float> softmax(std::span<const float> logits) {
  std::vector<float> out(logits.begin(), logits.end());
  if (out.empty()) return out;
  const float largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (float& value : out) sum += value = std::exp(value - largest);
  for (float& value : out) value = static_cast<float>(value / sum);
  return out;
}

float sigmoid(float logit) {
  if (logit >= 0) return 1 / (1 + std::exp(-logit));
  const float e = std::exp(logit);
  return e / (1 + e);
}

std::vector<Ranked> top_k(std::span<const float> scores, std::size_t count) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  const auto rank = [&](std::size_t i) { return std::isnan(scores[i]) ? kLowest : scores[i]; };
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
    return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
  });
  std::vector<Ranked> out;
  for (auto it = order.begin(); it != end; ++it) out.push_back({*it, scores[*it]});
  return out;
}

}  // namespace atlas

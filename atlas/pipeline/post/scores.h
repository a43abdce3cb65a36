// Class scores to what people want to know: probabilities and the best few.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace atlas {

/// exp(x - max) / sum: probabilities of logits. Empty for empty; where the largest is not finite, NaN.
std::vector<float> softmax(std::span<const float> logits);

/// 1 / (1 + exp(-x)), without overflow.
float sigmoid(float logit);

struct Ranked {
  std::size_t index = 0;
  float score = 0;
};

/// The `count` largest, or all where there are fewer, best first; of equals the one that comes first. NaN
/// counts as lowest.
std::vector<Ranked> top_k(std::span<const float> scores, std::size_t count);

}  // namespace atlas

// Means in double.
#include "atlas/pipeline/post/anomaly.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/pipeline/post/scores.h"
#include "atlas/tensor/elements.h"

namespace atlas {

float reconstruction_error(const Tensor& input, const Tensor& output) {
  require(input.shape() == output.shape() && input.element_count() > 0,
          "anomaly: expected a reconstruction of the input's shape, got {} of {}", text(output), text(input));
  const std::vector<double> a = to_doubles(input);
  const std::vector<double> b = to_doubles(output);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return static_cast<float>(sum / static_cast<double>(a.size()));
}

float anomaly_score(std::span<const float> map, float share) {
  if (map.empty()) return 0;
  const double wanted = std::ceil(static_cast<double>(share) * static_cast<double>(map.size()) - 1e-6);
  const auto count = static_cast<std::size_t>(std::clamp(wanted, 1.0, static_cast<double>(map.size())));
  double sum = 0;
  for (const Ranked& value : top_k(map, count)) sum += value.score;
  return static_cast<float>(sum / static_cast<double>(count));
}

float scaled_anomaly(float score, float threshold, float least, float most) {
  require(most > least, "anomaly: expected a greatest score above the least, got {} and {}", most, least);
  return std::clamp((score - threshold) / (most - least) + 0.5f, 0.0f, 1.0f);
}

}  // namespace atlas

// Tensor products of one-dimensional weights.
#include "atlas/ops/interpolation.h"

#include <cmath>

namespace atlas::ops {

AxisSample linear_sample(double at, std::int64_t extent) {
  AxisSample out;
  // False for NaN too.
  if (!(at > -1 && at < static_cast<double>(extent))) return out;
  const double low = std::floor(at);
  const std::int64_t pixel = static_cast<std::int64_t>(low);
  if (pixel >= 0) out.push_back({pixel, 1 - (at - low)});
  if (pixel + 1 < extent && at > low) out.push_back({pixel + 1, at - low});
  return out;
}

double weighted_sum(std::span<const double> plane, std::span<const std::int64_t> shape,
                    std::span<const AxisSample> axes) {
  if (axes.empty()) return plane.front();
  if (axes.front().empty()) return 0;
  const std::size_t below = plane.size() / static_cast<std::size_t>(shape.front());
  double sum = 0;
  for (const WeightedPixel& pixel : axes.front())
    sum += pixel.weight * weighted_sum(plane.subspan(static_cast<std::size_t>(pixel.index) * below, below),
                                       shape.subspan(1), axes.subspan(1));
  return sum;
}

}  // namespace atlas::ops

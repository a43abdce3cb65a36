// Formulas follow OpenCV's and Pillow's definitions; weights that fall outside go to the pixel at the edge.
#include "atlas/pipeline/image/sampling.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace atlas {
namespace {

/// The window of weights for pixels from `start`, which may lie outside of 0 .. extent - 1.
Window folded(std::int64_t start, const std::vector<double>& weights, std::int64_t extent) {
  const auto inside = [&](std::int64_t i) { return std::clamp<std::int64_t>(i, 0, extent - 1); };
  const auto count = static_cast<std::int64_t>(weights.size());
  Window out;
  out.first = inside(start);
  out.weights.resize(static_cast<std::size_t>(inside(start + count - 1) - out.first + 1));
  for (std::int64_t i = 0; i < count; ++i)
    out.weights[static_cast<std::size_t>(inside(start + i) - out.first)] +=
        static_cast<float>(weights[static_cast<std::size_t>(i)]);
  return out;
}

/// Keys' cubic convolution.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

double lanczos3(double x) {
  const auto sinc = [](double t) {
    return t == 0 ? 1 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t);
  };
  return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/// A filter of Pillow's, as wide as a pixel of the result where the picture shrinks.
Window smooth(std::int64_t i, std::int64_t from, double scale, double support, double (*filter)(double)) {
  const double width = std::max(scale, 1.0);
  const double centre = (static_cast<double>(i) + 0.5) * scale;
  const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - support * width + 0.5));
  const auto end = std::min<std::int64_t>(from, static_cast<std::int64_t>(centre + support * width + 0.5));
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t x = first; x < end; ++x) {
    weights.push_back(filter((static_cast<double>(x) - centre + 0.5) / width));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return folded(first, weights, from);
}

/// The mean over [i * scale, (i + 1) * scale).
Window covered(std::int64_t i, std::int64_t from, double scale) {
  const double start = static_cast<double>(i) * scale;
  const double end = std::min(start + scale, static_cast<double>(from));
  const auto first = static_cast<std::int64_t>(start + 1e-9);
  std::vector<double> weights;
  for (std::int64_t x = first; static_cast<double>(x) < end - 1e-9; ++x)
    weights.push_back((std::min(static_cast<double>(x) + 1, end) - std::max(static_cast<double>(x), start)) /
                      (end - start));
  return folded(first, weights, from);
}

Window linear(double position, std::int64_t from) {
  const double first = std::floor(position);
  const double part = position - first;
  return folded(static_cast<std::int64_t>(first), {1 - part, part}, from);
}

/// What OpenCV's INTER_AREA does where it cannot take means.
Window enlarged_area(std::int64_t i, std::int64_t from, double scale) {
  const double first = std::floor(static_cast<double>(i) * scale);
  const double beyond = static_cast<double>(i) + 1 - (first + 1) / scale;
  return linear(first + (beyond <= 0 ? 0 : beyond - std::floor(beyond)), from);
}

Window window(std::int64_t i, std::int64_t from, double scale, Interpolation interpolation, bool shrinks) {
  const double centre = (static_cast<double>(i) + 0.5) * scale - 0.5;
  switch (interpolation) {
    case Interpolation::Nearest:
      return folded(static_cast<std::int64_t>(static_cast<double>(i) * scale), {1}, from);
    case Interpolation::Bilinear:
      return linear(centre, from);
    case Interpolation::Bicubic: {
      const double first = std::floor(centre);
      const double part = centre - first;
      constexpr double a = -0.75;
      return folded(static_cast<std::int64_t>(first) - 1,
                    {cubic(part + 1, a), cubic(part, a), cubic(part - 1, a), cubic(part - 2, a)}, from);
    }
    case Interpolation::Area:
      return shrinks ? covered(i, from, scale) : enlarged_area(i, from, scale);
    case Interpolation::SmoothBilinear:
      return smooth(i, from, scale, 1, [](double x) { return std::max(0.0, 1 - std::abs(x)); });
    case Interpolation::SmoothBicubic:
      return smooth(i, from, scale, 2, [](double x) { return cubic(x, -0.5); });
    case Interpolation::Lanczos:
      return smooth(i, from, scale, 3, lanczos3);
  }
  return {};
}

}  // namespace

std::vector<Window> sampling_windows(std::int64_t from, std::int64_t to, Interpolation interpolation,
                                     bool shrinks) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  std::vector<Window> out;
  out.reserve(static_cast<std::size_t>(to));
  for (std::int64_t i = 0; i < to; ++i) out.push_back(window(i, from, scale, interpolation, shrinks));
  return out;
}

}  // namespace atlas

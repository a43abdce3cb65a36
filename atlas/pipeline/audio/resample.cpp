// A polyphase filter: for each of the places that a result can have between two samples, one row of weights.
#include "atlas/pipeline/audio/resample.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

#include "atlas/base/error.h"
#include "atlas/media/sound.h"

namespace atlas {
namespace {

constexpr double kZeroCrossings = 64;
constexpr double kPassBand = 0.95;
constexpr double kKaiserBeta = 11;  // side lobes below -110 dB

/// The modified Bessel function of order 0, by its series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x / (2 * k) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

double kaiser(double x) {
  return x * x >= 1 ? 0 : bessel_i0(kKaiserBeta * std::sqrt(1 - x * x)) / bessel_i0(kKaiserBeta);
}

double sinc(double x) {
  return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

}  // namespace

std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz) {
  require(from_hz >= 1 && from_hz <= kMostSampleRateHz && to_hz >= 1 && to_hz <= kMostSampleRateHz,
          "resampling: expected rates from 1 to {} Hz, got {} and {}", kMostSampleRateHz, from_hz, to_hz);
  if (from_hz == to_hz) return {samples.begin(), samples.end()};
  const int common = std::gcd(from_hz, to_hz);
  const std::int64_t up = to_hz / common, down = from_hz / common;
  // In cycles per input sample; the kernel is as much longer as the cut is lower.
  const double cut = kPassBand * std::min(1.0, static_cast<double>(to_hz) / from_hz);
  const auto reach = static_cast<std::int64_t>(std::ceil(kZeroCrossings / cut));
  constexpr std::int64_t kMostWeights = 1 << 24;
  if (up * 2 * reach > kMostWeights)
    fail(ErrorCode::Unsupported, "resampling: expected rates of a simpler ratio than {} to {}", from_hz, to_hz);

  const std::int64_t taps = 2 * reach;  // of the samples at -reach + 1 to reach around a place
  std::vector<float> weights(static_cast<std::size_t>(up * taps));
  for (std::int64_t phase = 0; phase < up; ++phase) {
    const double place = static_cast<double>(phase) / static_cast<double>(up);
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const double distance = static_cast<double>(tap - reach + 1) - place;
      weights[static_cast<std::size_t>(phase * taps + tap)] =
          static_cast<float>(cut * sinc(cut * distance) * kaiser(distance * cut / kZeroCrossings));
    }
  }

  const auto count = static_cast<std::int64_t>(samples.size());
  const std::int64_t result_count = (count * up + down - 1) / down;
  std::vector<float> out(static_cast<std::size_t>(result_count));
  for (std::int64_t i = 0; i < result_count; ++i) {
    const std::int64_t first = i * down / up - reach + 1;
    const float* row = weights.data() + i * down % up * taps;
    const std::int64_t begin = std::max<std::int64_t>(0, -first), end = std::min(taps, count - first);
    double sum = 0;
    for (std::int64_t tap = begin; tap < end; ++tap)
      sum += static_cast<double>(row[tap]) * samples[static_cast<std::size_t>(first + tap)];
    out[static_cast<std::size_t>(i)] = static_cast<float>(sum);
  }
  return out;
}

}  // namespace atlas

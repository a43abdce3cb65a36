// Filters are sparse: each covers a run of bins, and only that run is multiplied.
#include "atlas/pipeline/audio/mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "atlas/base/error.h"

namespace atlas {
namespace {

// Slaney's scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
constexpr double kLinearHz = 200.0 / 3, kBreakHz = 1000, kBreakMel = kBreakHz / kLinearHz;
const double kLogStep = std::log(6.4) / 27;

double to_mel(double hz, MelScale scale) {
  if (scale == MelScale::Htk) return 2595 * std::log10(1 + hz / 700);
  return hz < kBreakHz ? hz / kLinearHz : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

double to_hz(double mel, MelScale scale) {
  if (scale == MelScale::Htk) return 700 * (std::pow(10.0, mel / 2595) - 1);
  return mel < kBreakMel ? mel * kLinearHz : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
}

/// The product of filters and a spectrogram.
Tensor filtered(const Tensor& filters, const Tensor& power) {
  const auto mels = static_cast<std::size_t>(filters.dim(0)), bins = static_cast<std::size_t>(filters.dim(1));
  const auto frames = static_cast<std::size_t>(power.dim(1));
  const auto weights = filters.values<float>(), from = power.values<float>();
  Tensor out(DType::F32, {filters.dim(0), power.dim(1)});
  const auto to = out.values_mutable<float>();
  std::ranges::fill(to, 0.0f);
  for (std::size_t mel = 0; mel < mels; ++mel)
    for (std::size_t bin = 0; bin < bins; ++bin)
      if (const float weight = weights[mel * bins + bin]; weight != 0)
        for (std::size_t frame = 0; frame < frames; ++frame)
          to[mel * frames + frame] += weight * from[bin * frames + frame];
  return out;
}

}  // namespace

Tensor mel_filters(const MelOptions& options) {
  const double highest = options.highest_hz > 0 ? options.highest_hz : options.rate_hz / 2.0;
  constexpr std::int64_t kMost = 1024;
  require(options.mels >= 1 && options.mels <= kMost, "mel filters: expected 1 to {}, got {}", kMost, options.mels);
  require(options.rate_hz > 0 && options.lowest_hz >= 0 && options.lowest_hz < highest &&
              highest <= options.rate_hz / 2.0,
          "mel filters: expected frequencies in order up to half of {} Hz, got {} to {}", options.rate_hz,
          options.lowest_hz, highest);
  const std::int64_t bins = options.stft.fft_size / 2 + 1;
  const double low = to_mel(options.lowest_hz, options.scale), high = to_mel(highest, options.scale);
  std::vector<double> edges(static_cast<std::size_t>(options.mels + 2));
  for (std::size_t i = 0; i < edges.size(); ++i)
    edges[i] = to_hz(low + (high - low) * static_cast<double>(i) / static_cast<double>(options.mels + 1), options.scale);
  Tensor out(DType::F32, {options.mels, bins});
  const auto to = out.values_mutable<float>();
  for (std::size_t mel = 0; mel < static_cast<std::size_t>(options.mels); ++mel) {
    const double left = edges[mel], middle = edges[mel + 1], right = edges[mel + 2];
    for (std::int64_t bin = 0; bin < bins; ++bin) {
      const double hz = static_cast<double>(bin) * options.rate_hz / static_cast<double>(options.stft.fft_size);
      const double height = std::max(0.0, std::min((hz - left) / (middle - left), (right - hz) / (right - middle)));
      const double weight = options.equal_area ? height * 2 / (right - left) : height;
      to[mel * static_cast<std::size_t>(bins) + static_cast<std::size_t>(bin)] = static_cast<float>(weight);
    }
  }
  return out;
}

Tensor mel_spectrogram(std::span<const float> samples, const MelOptions& options) {
  const Tensor power = power_spectrogram(samples, options.stft);
  return filtered(mel_filters(options), power);
}

Tensor power_to_db(const Tensor& power, float range_db) {
  constexpr float kLeast = 1e-10f;
  Tensor out(DType::F32, power.shape());
  const auto from = power.values<float>();
  const auto to = out.values_mutable<float>();
  float largest = -INFINITY;
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = 10 * std::log10(std::max(from[i], kLeast));
    largest = std::max(largest, to[i]);
  }
  for (float& value : to) value = std::max(value, largest - range_db);
  return out;
}

Tensor mfcc(std::span<const float> samples, const MelOptions& options, std::int64_t count) {
  require(count >= 1 && count <= options.mels, "MFCC: expected 1 to {} coefficients, got {}", options.mels, count);
  const Tensor db = power_to_db(mel_spectrogram(samples, options));
  const auto mels = static_cast<std::size_t>(db.dim(0)), frames = static_cast<std::size_t>(db.dim(1));
  const auto from = db.values<float>();
  Tensor out(DType::F32, {count, db.dim(1)});
  const auto to = out.values_mutable<float>();
  std::vector<double> sums(frames);
  for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
    std::ranges::fill(sums, 0.0);
    const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(mels));
    for (std::size_t mel = 0; mel < mels; ++mel) {
      const double angle = std::numbers::pi * static_cast<double>(k) * (static_cast<double>(mel) + 0.5);
      const double weight = scale * std::cos(angle / static_cast<double>(mels));
      for (std::size_t frame = 0; frame < frames; ++frame) sums[frame] += weight * from[mel * frames + frame];
    }
    for (std::size_t frame = 0; frame < frames; ++frame) to[k * frames + frame] = static_cast<float>(sums[frame]);
  }
  return out;
}

Tensor whisper_log_mel(std::span<const float> samples, std::int64_t mels) {
  constexpr std::size_t kSamples = 30 * 16000;
  const MelOptions options{
      .rate_hz = 16000,
      .stft = {.fft_size = 400, .hop = 160, .edge = Edge::Reflect},
      .mels = mels,
  };
  std::vector<float> taken(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(std::min(samples.size(), kSamples)));
  taken.resize(kSamples);
  const Tensor power = mel_spectrogram(taken, options);
  const auto frames = static_cast<std::size_t>(power.dim(1)) - 1;  // the last, centered at 30 s, goes
  Tensor out(DType::F32, {mels, static_cast<std::int64_t>(frames)});
  const auto from = power.values<float>();
  const auto to = out.values_mutable<float>();
  float largest = -INFINITY;
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = std::log10(std::max(from[i / frames * (frames + 1) + i % frames], 1e-10f));
    largest = std::max(largest, to[i]);
  }
  for (float& value : to) value = (std::max(value, largest - 8) + 4) / 4;
  return out;
}

}  // namespace atlas

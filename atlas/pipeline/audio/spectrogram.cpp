// Two real frames are one complex transform: their spectra are its even and odd parts.
#include "atlas/pipeline/audio/spectrogram.h"

#include <cmath>
#include <numbers>

#include "atlas/base/error.h"
#include "atlas/ops/fft.h"

namespace atlas {
namespace {

/// A periodic Hann window, zeros around it up to `fft_size`.
std::vector<float> hann_window(const StftOptions& options, std::int64_t size) {
  std::vector<float> out(static_cast<std::size_t>(options.fft_size));
  const std::int64_t before = (options.fft_size - size) / 2;
  for (std::int64_t i = 0; i < size; ++i)
    out[static_cast<std::size_t>(before + i)] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size)));
  return out;
}

std::vector<float> padded(std::span<const float> samples, const StftOptions& options) {
  if (!options.centered) return {samples.begin(), samples.end()};
  const auto count = static_cast<std::int64_t>(samples.size());
  const std::int64_t pad = options.fft_size / 2;
  require(options.edge == Edge::Zero || count > pad,
          "spectrogram: expected more than {} samples to reflect, got {}", pad, count);
  std::vector<float> out(static_cast<std::size_t>(count + 2 * pad));
  for (std::int64_t i = -pad; i < count + pad; ++i) {
    std::int64_t from = i;
    if (options.edge == Edge::Reflect) from = i < 0 ? -i : i >= count ? 2 * (count - 1) - i : i;
    if (from >= 0 && from < count) out[static_cast<std::size_t>(i + pad)] = samples[static_cast<std::size_t>(from)];
  }
  return out;
}

}  // namespace

Tensor power_spectrogram(std::span<const float> samples, const StftOptions& options) {
  constexpr std::int64_t kLargest = 65536;
  const std::int64_t window_size = options.window_size == 0 ? options.fft_size : options.window_size;
  require(options.fft_size >= 2 && options.fft_size <= kLargest && options.fft_size % 2 == 0 && window_size >= 1 &&
              window_size <= options.fft_size && options.hop >= 1 && options.hop <= kLargest,
          "spectrogram: expected an even FFT size up to {}, a window up to it and a hop of 1 to {}, got {}, {} and {}",
          kLargest, kLargest, options.fft_size, window_size, options.hop);
  const std::vector<float> signal = padded(samples, options);
  const auto count = static_cast<std::int64_t>(signal.size());
  require(count >= options.fft_size, "spectrogram: expected {} samples or more, got {}", options.fft_size, count);
  const std::int64_t frames = (count - options.fft_size) / options.hop + 1;
  const std::int64_t bins = options.fft_size / 2 + 1;
  constexpr std::int64_t kMostValues = std::int64_t{1} << 28;
  if (frames > kMostValues / bins)
    fail(ErrorCode::ResourceExhausted, "spectrogram: expected at most {} values, got {} frames of {}", kMostValues,
         frames, bins);

  const std::vector<float> window = hann_window(options, window_size);
  const auto size = static_cast<std::size_t>(options.fft_size);
  const Fft<float> fft(size);
  std::vector<std::complex<float>> pair(size);
  Tensor out(DType::F32, {bins, frames});
  const auto to = out.values_mutable<float>();
  for (std::int64_t frame = 0; frame < frames; frame += 2) {
    const bool has_second = frame + 1 < frames;
    const float* first = signal.data() + frame * options.hop;
    const float* second = first + (has_second ? options.hop : 0);
    for (std::size_t i = 0; i < size; ++i) pair[i] = {window[i] * first[i], window[i] * second[i]};
    fft.transform(pair);
    for (std::size_t bin = 0; bin < static_cast<std::size_t>(bins); ++bin) {
      const std::complex<float> a = pair[bin], b = std::conj(pair[(size - bin) % size]);
      float* row = to.data() + bin * static_cast<std::size_t>(frames) + frame;
      row[0] = std::norm(a + b) / 4;
      if (has_second) row[1] = std::norm(a - b) / 4;
    }
  }
  return out;
}

}  // namespace atlas

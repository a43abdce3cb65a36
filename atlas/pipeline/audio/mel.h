// Mel spectrograms, on a scale as librosa and Whisper have them, and cepstral coefficients.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/pipeline/audio/spectrogram.h"
#include "atlas/tensor/tensor.h"

namespace atlas {

enum class MelScale { Slaney, Htk };

struct MelOptions {
  int rate_hz = 22050;
  StftOptions stft;
  std::int64_t mels = 128;
  double lowest_hz = 0;
  double highest_hz = 0;  // 0: half of the rate
  MelScale scale = MelScale::Slaney;
  bool equal_area = true;  // each filter has the same area, not the same height
};

/// The weights of the filters, F32 [mels, fft_size / 2 + 1]: triangles between neighbouring frequencies that lie
/// evenly on the scale. Throws InvalidArgument on 0 or more than 1,024 filters and frequencies out of order.
Tensor mel_filters(const MelOptions& options);

/// Power per filter, F32 [mels, frames].
Tensor mel_spectrogram(std::span<const float> samples, const MelOptions& options);

/// 10 log10 of each value, of 1e-10 where it is less; then nothing is more than `range_db` below the largest.
Tensor power_to_db(const Tensor& power, float range_db = 80);

/// Cepstral coefficients, F32 [count, frames]: the first of an orthonormal cosine transform (type II) of the mel
/// spectrogram in decibels. Throws InvalidArgument where `count` is none of 1 to `mels`.
Tensor mfcc(std::span<const float> samples, const MelOptions& options, std::int64_t count = 20);

/// What Whisper takes: sound at 16 kHz, padded or cut to 30 s, as F32 [mels, 3000]; `mels` is 80 or, for the large
/// models from version 3 on, 128.
Tensor whisper_log_mel(std::span<const float> samples, std::int64_t mels = 80);

}  // namespace atlas

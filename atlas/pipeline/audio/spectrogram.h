// The short-time Fourier transform of sound.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

enum class Edge { Zero, Reflect };

struct StftOptions {
  std::int64_t fft_size = 2048;
  std::int64_t window_size = 0;  // of a periodic Hann window in the middle of a frame; 0: fft_size
  std::int64_t hop = 512;
  bool centered = true;  // frame i is centered at i * hop; otherwise it starts there
  Edge edge = Edge::Zero;  // what lies beyond the ends, where frames are centered
};

/// |STFT|^2, F32 [fft_size / 2 + 1, frames]. Throws InvalidArgument on sizes outside 1 to 65,536, an odd fft_size,
/// and where `samples` are too few for one frame or for reflection.
Tensor power_spectrogram(std::span<const float> samples, const StftOptions& options);

}  // namespace atlas

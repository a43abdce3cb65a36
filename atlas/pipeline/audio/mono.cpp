// Sums in double: the order of channels must not matter.
#include "atlas/pipeline/audio/mono.h"

namespace atlas {

std::vector<float> mix_down(const Sound& sound) {
  const auto channels = static_cast<std::size_t>(sound.samples.dim(0));
  const auto frames = static_cast<std::size_t>(sound.samples.dim(1));
  const auto samples = sound.samples.values<float>();
  std::vector<float> out(frames);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    double sum = 0;
    for (std::size_t channel = 0; channel < channels; ++channel) sum += samples[channel * frames + frame];
    out[frame] = static_cast<float>(sum / static_cast<double>(channels));
  }
  return out;
}

}  // namespace atlas

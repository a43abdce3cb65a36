// Stretches of speech out of its probability from moment to moment.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace atlas {

struct SegmentOptions {
  float threshold = 0.5f;             // speech begins where the probability reaches it
  float release = 0.35f;              // and ends where it falls below this one
  std::int64_t least_speech = 4000;   // samples; shorter stretches are left out
  std::int64_t least_silence = 1600;  // samples; shorter gaps do not end a stretch
  std::int64_t padding = 480;         // samples that a stretch gets at each end
};

/// Samples [begin, end).
struct SpeechSegment {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const SpeechSegment&) const = default;
};

/// As Silero's own post-processing: `probabilities[i]` is that of samples from i * `window` on, of `count` in
/// all. Stretches are in order and do not overlap.
std::vector<SpeechSegment> speech_segments(std::span<const float> probabilities, std::int64_t window,
                                           std::int64_t count, const SegmentOptions& options);

}  // namespace atlas

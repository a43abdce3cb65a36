// Hysteresis over the windows, then padding that meets in the middle of a short gap.
#include "atlas/pipeline/audio/speech_segments.h"

#include <algorithm>
#include <optional>

namespace atlas {
namespace {

std::vector<SpeechSegment> stretches(std::span<const float> probabilities, std::int64_t window,
                                     std::int64_t count, const SegmentOptions& options) {
  std::vector<SpeechSegment> out;
  std::optional<std::int64_t> begin, quiet;  // of the stretch, and of the silence that may end it
  const auto close = [&](std::int64_t end) {
    if (end - *begin > options.least_speech) out.push_back({*begin, end});
    begin.reset();
    quiet.reset();
  };
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const std::int64_t at = static_cast<std::int64_t>(i) * window;
    if (probabilities[i] >= options.threshold) {
      quiet.reset();
      if (!begin) begin = at;
    } else if (begin && probabilities[i] < options.release) {
      if (!quiet) quiet = at;
      if (at - *quiet >= options.least_silence) close(*quiet);
    }
  }
  if (begin) close(count);
  return out;
}

}  // namespace

std::vector<SpeechSegment> speech_segments(std::span<const float> probabilities, std::int64_t window,
                                           std::int64_t count, const SegmentOptions& options) {
  std::vector<SpeechSegment> out = stretches(probabilities, window, count, options);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i == 0) out[i].begin = std::max<std::int64_t>(0, out[i].begin - options.padding);
    if (i + 1 == out.size()) {
      out[i].end = std::min(count, out[i].end + options.padding);
      break;
    }
    const std::int64_t gap = out[i + 1].begin - out[i].end;
    const std::int64_t after = gap < 2 * options.padding ? gap / 2 : options.padding;
    out[i].end = std::min(count, out[i].end + after);
    out[i + 1].begin -= after;
  }
  return out;
}

}  // namespace atlas

// Sound at another sample rate.
#pragma once

#include <span>
#include <vector>

namespace atlas {

/// Band-limited interpolation (Smith 1984): a sinc under a Kaiser window of 64 zero crossings to each side, cut at
/// 0.95 of the lower half rate, stop band below -100 dB. Sample i of the result stands at i / `to_hz` seconds; there
/// are ceil(count * to_hz / from_hz). Silence is taken to lie beyond the ends. Throws InvalidArgument on rates
/// outside 1 to kMostSampleRateHz, Unsupported where the ratio of the rates takes a filter of more than 2^24 values.
std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz);

}  // namespace atlas

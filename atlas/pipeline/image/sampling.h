// Which pixels along an axis make up each pixel of a resized picture, and with what weight.
#pragma once

#include <cstdint>
#include <vector>

#include "atlas/pipeline/image/resize.h"

namespace atlas {

/// Weights of the pixels `first`, `first` + 1, ..., all inside the picture.
struct Window {
  std::int64_t first = 0;
  std::vector<float> weights;
};

/// One window for each of `to` positions along an axis of `from` pixels; `first` never decreases. For Area
/// `shrinks` says whether both axes do.
std::vector<Window> sampling_windows(std::int64_t from, std::int64_t to, Interpolation interpolation,
                                     bool shrinks);

}  // namespace atlas

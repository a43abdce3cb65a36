// How unlike what a model has learnt an input is.
#pragma once

#include <span>

#include "atlas/tensor/tensor.h"

namespace atlas {

/// Mean squared difference between an input and what an autoencoder made of it, of one shape. Throws
/// InvalidArgument.
float reconstruction_error(const Tensor& input, const Tensor& output);

/// One score for a map of them: the mean of the highest `share` (0 to 1) of its values, of one at least; 0
/// for an empty map, NaN counts as lowest.
float anomaly_score(std::span<const float> map, float share);

/// A score from 0 to 1 that is 0.5 at `threshold`: (score - threshold) / (most - least) + 0.5, clipped;
/// `least` and `most` are those of the validation data, `most` the greater. Throws InvalidArgument.
float scaled_anomaly(float score, float threshold, float least, float most);

}  // namespace atlas

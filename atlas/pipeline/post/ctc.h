// Text out of a recogniser's probabilities by connectionist temporal classification.
#pragma once

#include <span>
#include <string>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct DecodedText {
  std::string text;
  float confidence = 0;  // mean probability of the characters kept, 0 where there are none
};

/// Greedy decoding (Graves et al. 2006): the likeliest label of each step, repeats merged, blanks dropped.
/// `probabilities`: F32 [batch, steps, labels]; row `index` is decoded. `labels[0]` is the blank. Throws
/// InvalidArgument where shape and labels disagree.
DecodedText ctc_greedy(const Tensor& probabilities, std::int64_t index, std::span<const std::string> labels);

}  // namespace atlas

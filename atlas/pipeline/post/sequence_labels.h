// Labels of tokens put together to spans: names, places and the like in a text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

struct LabelledSpan {
  std::size_t first = 0;  // token
  std::size_t end = 0;    // and that after the last
  std::string label;      // without its prefix
  float score = 0;        // mean probability of its tokens' labels
};

/// `logits`: F32 [1, tokens, labels] or [tokens, labels]; each token has its likeliest label. Labels are "O"
/// (nothing) and, with or without a prefix that says where a token stands, "B-X" (begins), "I-X" (goes on),
/// "E-X" (ends) and "S-X" (stands alone). A span ends before another label, a B or an S, and behind an E or
/// an S; "I-X" without a beginning begins one, as do labels without a prefix. Throws InvalidArgument where
/// logits and labels disagree.
std::vector<LabelledSpan> labelled_spans(const Tensor& logits, std::span<const std::string> labels);

}  // namespace atlas

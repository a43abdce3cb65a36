// The steps that all softmax attentions share, on whole tensors in double.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "atlas/ops/reference_context.h"

namespace atlas::ops {

/// Queries, keys or values: `values` is laid out [batch, heads, length, size].
struct Heads {
  std::int64_t batch = 0, heads = 0, length = 0, size = 0;
  std::vector<double> values;

  Shape shape() const { return {batch, heads, length, size}; }
  const double* row(std::int64_t b, std::int64_t h, std::int64_t i) const {
    return values.data() + ((b * heads + h) * length + i) * size;
  }
};

/// Input `i`: of rank 4 as it is, of rank 3 ([batch, length, heads * size]) taken apart into `heads`. `what`
/// names it in messages. Throws InvalidArgument where the shape does not fit.
Heads read_heads(const ReferenceContext& context, std::size_t i, std::int64_t heads, std::string_view what);

/// The values of `heads` laid out [batch, length, heads * size].
std::vector<double> packed(const Heads& heads);

/// scale * q . k for all pairs, [batch, q.heads, q.length, k.length]; consecutive query heads share a key
/// head. Throws InvalidArgument where sizes do not fit.
std::vector<double> attention_scores(const ReferenceContext& context, const Heads& q, const Heads& k,
                                     double scale);

/// Softmax of each run of `length` elements.
void softmax_rows(std::vector<double>& scores, std::int64_t length);

/// Sums of the values weighted by `probabilities`, which are laid out as scores.
Heads weighted_values(const Heads& q, const std::vector<double>& probabilities, const Heads& v);

}  // namespace atlas::ops

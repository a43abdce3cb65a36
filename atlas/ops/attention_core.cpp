// Heads taken apart, scores, softmax and weighted sums.
#include "atlas/ops/attention_core.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace atlas::ops {

Heads read_heads(const ReferenceContext& context, std::size_t i, std::int64_t heads, std::string_view what) {
  const Shape& shape = context.shape(i);
  std::vector<double> values = context.doubles(i);
  if (shape.size() == 4) return {shape[0], shape[1], shape[2], shape[3], std::move(values)};
  context.check(shape.size() == 3, "expected {} of rank 3 or 4, got {}", what, text(shape));
  context.check(heads >= 1 && shape[2] % heads == 0, "expected {} for {} heads, got {}", what, heads,
                text(shape));
  Heads out{shape[0], heads, shape[1], shape[2] / heads, std::vector<double>(values.size())};
  std::size_t from = 0;
  for (std::int64_t b = 0; b < out.batch; ++b)
    for (std::int64_t l = 0; l < out.length; ++l)
      for (std::int64_t h = 0; h < heads; ++h)
        for (std::int64_t d = 0; d < out.size; ++d)
          out.values[static_cast<std::size_t>(((b * heads + h) * out.length + l) * out.size + d)] =
              values[from++];
  return out;
}

std::vector<double> packed(const Heads& heads) {
  std::vector<double> out;
  out.reserve(heads.values.size());
  for (std::int64_t b = 0; b < heads.batch; ++b)
    for (std::int64_t l = 0; l < heads.length; ++l)
      for (std::int64_t h = 0; h < heads.heads; ++h)
        out.insert(out.end(), heads.row(b, h, l), heads.row(b, h, l) + heads.size);
  return out;
}

std::vector<double> attention_scores(const ReferenceContext& context, const Heads& q, const Heads& k,
                                     double scale) {
  context.check(q.batch == k.batch && q.size == k.size, "expected queries and keys that fit, got {} and {}",
                text(q.shape()), text(k.shape()));
  context.check(k.heads >= 1 && q.heads % k.heads == 0,
                "expected a multiple of {} query heads, one for each key head or more, got {}", k.heads,
                q.heads);
  std::vector<double> out(element_count(Shape{q.batch, q.heads, q.length, k.length}));
  const std::int64_t shared = q.heads / k.heads;
  std::size_t at = 0;
  for (std::int64_t b = 0; b < q.batch; ++b) {
    for (std::int64_t h = 0; h < q.heads; ++h) {
      for (std::int64_t i = 0; i < q.length; ++i) {
        const double* query = q.row(b, h, i);
        for (std::int64_t j = 0; j < k.length; ++j) {
          const double* key = k.row(b, h / shared, j);
          double sum = 0;
          for (std::int64_t d = 0; d < q.size; ++d) sum += query[d] * key[d];
          out[at++] = sum * scale;
        }
      }
    }
  }
  return out;
}

void softmax_rows(std::vector<double>& scores, std::int64_t length) {
  if (length == 0) return;
  const std::size_t n = static_cast<std::size_t>(length);
  for (std::size_t start = 0; start < scores.size(); start += n) {
    const auto row = std::span(scores).subspan(start, n);
    const double largest = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (double& value : row) {
      value = std::exp(value - largest);
      sum += value;
    }
    for (double& value : row) value /= sum;
  }
}

Heads weighted_values(const Heads& q, const std::vector<double>& probabilities, const Heads& v) {
  Heads out{q.batch, q.heads, q.length, v.size, {}};
  out.values.resize(element_count(out.shape()));
  const std::int64_t shared = q.heads / v.heads;
  const double* weight = probabilities.data();
  double* sums = out.values.data();
  for (std::int64_t b = 0; b < q.batch; ++b) {
    for (std::int64_t h = 0; h < q.heads; ++h) {
      for (std::int64_t i = 0; i < q.length; ++i, sums += v.size) {
        for (std::int64_t j = 0; j < v.length; ++j, ++weight) {
          const double* value = v.row(b, h / shared, j);
          for (std::int64_t d = 0; d < v.size; ++d) sums[d] += *weight * value[d];
        }
      }
    }
  }
  return out;
}

}  // namespace atlas::ops

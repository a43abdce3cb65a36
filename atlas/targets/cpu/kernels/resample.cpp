// Along the last axis elements are gathered; along others whole rows are added up.
#include "atlas/targets/cpu/kernels/resample.h"

#include <algorithm>

namespace atlas::cpu {
namespace {

// One line; `taps` is a constant where it is above 0.
template <std::size_t taps>
void resample_line(const ResampleTable& table, const float* x, float* y) {
  const std::size_t count = taps > 0 ? taps : table.taps;
  const std::int32_t* positions = table.positions.data();
  const float* weights = table.weights.data();
  for (std::size_t i = 0; i < table.output; ++i, positions += count, weights += count) {
    float sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += weights[k] * x[positions[k]];
    y[i] = sum;
  }
}

void resample_lines(const ResampleTable& table, const float* x, float* y, std::size_t begin,
                    std::size_t end) {
  const auto line = table.taps == 2   ? resample_line<2>
                    : table.taps == 4 ? resample_line<4>
                                      : resample_line<0>;
  for (std::size_t i = begin; i < end; ++i) line(table, x + i * table.input, y + i * table.output);
}

// Row `i` of the output, [outer * output] of them.
void resample_row(const ResampleTable& table, const float* x, float* y, std::size_t i, std::size_t inner) {
  const std::size_t at = i % table.output * table.taps;
  const float* plane = x + i / table.output * table.input * inner;
  float* to = y + i * inner;
  std::fill_n(to, inner, 0.0f);
  for (std::size_t k = 0; k < table.taps; ++k) {
    const float weight = table.weights[at + k];
    if (weight == 0) continue;
    const float* from = plane + static_cast<std::size_t>(table.positions[at + k]) * inner;
    for (std::size_t j = 0; j < inner; ++j) to[j] += weight * from[j];
  }
}

}  // namespace

void resample(const ResampleTable& table, const float* x, float* y, std::size_t outer, std::size_t inner,
              ThreadPool& pool) {
  constexpr std::size_t kGrain = 1 << 14;
  if (inner == 1) {
    const std::size_t work = std::max<std::size_t>(1, table.output * table.taps);
    pool.parallel_for(outer, std::max<std::size_t>(1, kGrain / work),
                      [&](std::size_t begin, std::size_t end) { resample_lines(table, x, y, begin, end); });
    return;
  }
  const std::size_t work = std::max<std::size_t>(1, inner * table.taps);
  pool.parallel_for(outer * table.output, std::max<std::size_t>(1, kGrain / work),
                    [&](std::size_t begin, std::size_t end) {
                      for (std::size_t i = begin; i < end; ++i) resample_row(table, x, y, i, inner);
                    });
}

}  // namespace atlas::cpu

// One pass over the steps.
#include "atlas/pipeline/post/ctc.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {

DecodedText ctc_greedy(const Tensor& probabilities, std::int64_t index, std::span<const std::string> labels) {
  require(probabilities.rank() == 3 && probabilities.dim(2) == static_cast<std::int64_t>(labels.size()) &&
              !labels.empty() && index >= 0 && index < probabilities.dim(0),
          "CTC: expected probabilities [batch,steps,{}] with a row {}, got {}", labels.size(), index,
          text(probabilities));
  DecodedText out;
  std::size_t last = 0;
  int kept = 0;
  const std::size_t steps = static_cast<std::size_t>(probabilities.dim(1));
  const auto rows =
      probabilities.values<float>().subspan(static_cast<std::size_t>(index) * steps * labels.size());
  for (std::size_t step = 0; step < steps; ++step) {
    const auto row = rows.subspan(step * labels.size(), labels.size());
    const auto best = std::ranges::max_element(row);
    const auto label = static_cast<std::size_t>(best - row.begin());
    if (label != 0 && label != last) {
      out.text += labels[label];
      out.confidence += *best;
      ++kept;
    }
    last = label;
  }
  if (kept > 0) out.confidence /= static_cast<float>(kept);
  return out;
}

}  // namespace atlas

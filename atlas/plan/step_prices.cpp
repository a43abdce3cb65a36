// Launches are left out by setting their constants to nothing.
#include "atlas/plan/step_prices.h"

#include <algorithm>

namespace atlas {

RunPart part_of(const Step& step) {
  if (const auto* op = std::get_if<Convolution>(&step.what.sizes)) {
    if (op->groups == 1) return RunPart::Convolutions;
    return op->groups == op->in_channels ? RunPart::Depthwise : RunPart::Grouped;
  }
  if (std::holds_alternative<Collective>(step.what.sizes)) return RunPart::Links;
  if (std::holds_alternative<Gemm>(step.what.sizes) || std::holds_alternative<Attention>(step.what.sizes))
    return RunPart::Products;
  return RunPart::Streams;
}

StepPrices::StepPrices(const Chip& chip, const Constants& constants) : chip_(chip), constants_(constants) {
  for (const Family& family : families()) {
    const auto launch = std::ranges::find(family.parameters, "launch_us", &ModelConstant::name);
    if (launch == family.parameters.end() || family.name == kCollectiveFamily.name) continue;
    const auto at = static_cast<std::size_t>(launch - family.parameters.begin());
    const std::span<const double> shared = constants.at(family.name);
    constants_.values[std::string(family.name)].assign(shared.begin(), shared.end());
    for (auto& [key, values] : constants_.values)
      if (family_of(key) == family.name) values[at] = 0;
  }
}

Estimate StepPrices::of(const Step& step) const {
  Estimate estimate = predict(chip_, constants_, step.what);
  estimate.seconds += step.extra_bytes / chip_.dram_bytes_per_s;
  estimate.bytes += step.extra_bytes;
  estimate.operations += step.extra_operations;
  return estimate;
}

void StepPrices::add(const Step& step, Run& run) const {
  const Estimate estimate = of(step);
  run.seconds[static_cast<std::size_t>(part_of(step))] += step.count * estimate.seconds;
  run.kernels += step.count;
  run.operations += step.count * estimate.operations;
  run.bytes += step.count * estimate.bytes;
}

}  // namespace atlas

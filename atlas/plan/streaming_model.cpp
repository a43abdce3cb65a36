// Bytes over bandwidth. Rows that outgrow a core's share of L1 are read anew for each pass over them.
#include "atlas/plan/streaming_model.h"

#include <algorithm>

namespace atlas {
namespace {

enum : std::size_t { kLaunch, kBandwidth, kPasses, kHeld, kRow };

constexpr ModelConstant kElementwiseParameters[] = {
    {"launch_us", 3, 0.5, 80, "from the queue to the end of an empty kernel"},
    {"bandwidth", 0.85, 0.3, 1, "of the memory's bandwidth, reached"},
};

constexpr ModelConstant kSoftmaxParameters[] = {
    {"launch_us", 3, 0.5, 80, "from the queue to the end of an empty kernel"},
    {"bandwidth", 0.85, 0.3, 1, "of the memory's bandwidth, reached"},
    {"more_passes", 2, 0.3, 3, "over rows that L1 does not hold, beyond the first"},
    {"held", 0.15, 0.01, 1, "of L1, that holds one row between passes"},
    {"row_us", 0.3, 0.01, 10, "of a core for eight rows at once, however short"},
};

constexpr ModelConstant kNormParameters[] = {
    {"launch_us", 3, 0.5, 80, "from the queue to the end of an empty kernel"},
    {"bandwidth", 0.85, 0.3, 1, "of the memory's bandwidth, reached"},
    {"more_passes", 1, 0.3, 3, "over rows that L1 does not hold, beyond the first"},
    {"held", 0.05, 0.005, 1, "of L1, that holds one row between passes"},
    {"row_us", 0.3, 0.01, 10, "of a core for eight rows at once, however short"},
};

}  // namespace

const Family kElementwiseFamily{"elementwise", kElementwiseParameters};
const Family kSoftmaxFamily{"softmax", kSoftmaxParameters};
const Family kNormFamily{"norm", kNormParameters};

Estimate predict_elementwise(const Chip& chip, std::span<const double> p, const Elementwise& op) {
  Estimate out;
  out.bytes = op.elements * op.element_bytes * (op.operands + 1);
  out.operations = op.elements * op.operations;
  const double launch = p[kLaunch] * 1e-6;
  Longest flow;
  flow.add(out.bytes / (chip.dram_bytes_per_s * p[kBandwidth]), Limit::Memory);
  flow.add(out.operations / chip.vector_rate("f32"), Limit::Compute);
  out.seconds = launch + flow.seconds;
  out.limit = launch > flow.seconds ? Limit::Launch : flow.limit;
  return out;
}

Estimate predict_rows(const Chip& chip, std::span<const double> p, const RowWise& op) {
  const double row_bytes = op.columns * op.element_bytes;
  const double held = p[kHeld] * chip.l1_bytes;
  const double missed = std::clamp(row_bytes / held - 1, 0.0, 1.0);
  Estimate out;
  out.bytes = op.rows * row_bytes * 2;
  out.operations = op.rows * op.columns * 8;
  const double launch = p[kLaunch] * 1e-6;
  Longest flow;
  flow.add(op.rows * row_bytes * (2 + p[kPasses] * missed) / (chip.dram_bytes_per_s * p[kBandwidth]),
           Limit::Memory);
  flow.add(op.rows / chip.cores / 8 * p[kRow] * 1e-6, Limit::Latency);
  out.seconds = launch + flow.seconds;
  out.limit = launch > flow.seconds ? Limit::Launch : flow.limit;
  return out;
}

}  // namespace atlas

// The chip works through kernels that the host queues; the slower of the two sets the pace.
#include "atlas/plan/run_model.h"

#include <algorithm>

namespace atlas {
namespace {

enum : std::size_t {
  kProducts,
  kConvolutions,
  kGrouped,
  kDepthwise,
  kStreams,
  kGap,
  kDispatch,
  kStep,
  kSample,
  kLinks,
  kExposed
};

constexpr ModelConstant kParameters[] = {
    {"products", 1.1, 0.4, 4, "time of products in a network, in units of their model's"},
    {"convolutions", 1.2, 0.4, 4, "the same of convolutions"},
    {"grouped", 1, 0.2, 20, "the same of convolutions in groups"},
    {"depthwise", 2, 0.3, 20, "the same of groups of one channel"},
    {"streams", 1.1, 0.3, 4, "the same of what memory bounds"},
    {"gap_us", 1.5, 0.1, 6, "of the chip, from one kernel to the next"},
    {"dispatch_us", 6, 0.3, 400, "of the host per kernel; hidden while the chip is behind"},
    {"step_us", 200, 5, 40000, "of the host per pass, hidden by nothing"},
    {"sample_us", 10, 0.5, 40000, "of the host per sample, that it reads and prepares while the chip works"},
    {"links", 1.1, 0.4, 4, "time of exchanges in a network, in units of their model's"},
    {"exposed", 0.4, 0.02, 2, "of exchanging gradients among replicas, that computing does not hide"},
};

}  // namespace

const Family kRunFamily{"run", kParameters};

Estimate predict_run(const Chip&, std::span<const double> p, const Run& run) {
  const double compute = run.products_s * p[kProducts] + run.convolutions_s * p[kConvolutions] +
                         run.grouped_s * p[kGrouped] + run.depthwise_s * p[kDepthwise];
  const double memory = run.streams_s * p[kStreams];
  const double links = run.links_s * p[kLinks] + run.exchange_s * p[kExposed];
  const double gaps = run.kernels * p[kGap] * 1e-6;
  const double chip = compute + memory + gaps + run.links_s * p[kLinks];
  const double host = std::max(run.kernels * p[kDispatch], run.samples * p[kSample]) * 1e-6;
  const double step = run.passes * p[kStep] * 1e-6;
  Estimate out;
  out.seconds = std::max(chip, host) + step + run.exchange_s * p[kExposed];
  Longest part;
  part.add(compute, Limit::Compute);
  part.add(memory, Limit::Memory);
  part.add(links, Limit::Link);
  part.add(std::max(gaps, host > chip ? host : 0) + step, Limit::Launch);
  out.limit = part.limit;
  out.operations = run.operations;
  out.bytes = run.bytes;
  return out;
}

}  // namespace atlas

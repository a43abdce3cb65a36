// The chip works through kernels that the host queues; the slower of the two sets the pace.
#include "atlas/plan/run_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace atlas {
namespace {

// The first are factors, in the order of RunPart.
enum : std::size_t { kGap = kRunParts, kExposed, kNetwork };

constexpr ModelConstant kParameters[] = {
    {"products", 1.1, 0.4, 4, "time of products in a network, in units of their model's"},
    {"convolutions", 1.2, 0.4, 4, "the same of convolutions"},
    {"grouped", 1, 0.2, 20, "the same of convolutions in groups"},
    {"depthwise", 2, 0.3, 20, "the same of groups of one channel"},
    {"streams", 1.1, 0.3, 4, "the same of what memory bounds"},
    {"links", 1.1, 0.4, 4, "the same of exchanges that the next operator waits for"},
    {"gap_us", 1.5, 0.1, 6, "of the chip, from one kernel to the next"},
    {"exposed", 0.4, 0.02, 40,
     "time that exchanges among replicas in a node add to a step, in units of their model's"},
    {"network", 1, 0.02, 40, "the same of exchanges with other nodes"},
};

enum : std::size_t { hDispatch, hStep, hSample };

constexpr ModelConstant kHostParameters[] = {
    {"dispatch_us", 6, 0.3, 400, "per kernel; hidden while the chip is behind"},
    {"step_us", 200, 5, 40000, "per step, hidden by nothing"},
    {"sample_us", 10, 0.5, 40000, "per sample, to read and prepare it while the chip works"},
};

}  // namespace

const Family kRunFamily{"run", kParameters};
const Family kHostFamily{"host", kHostParameters};

double run_factor(std::span<const double> p, RunPart part) {
  return p[static_cast<std::size_t>(part)];
}

double run_gap_s(std::span<const double> p) {
  return p[kGap] * 1e-6;
}

double exchange_factor(std::span<const double> p, bool leaves_node) {
  return p[leaves_node ? kNetwork : kExposed];
}

Pace pace_of(std::span<const double> p, const Run& run) {
  const double busy = std::inner_product(run.seconds.begin(), run.seconds.end(), p.begin(), 0.0);
  return {busy + run.kernels * run_gap_s(p), run.kernels, run.samples,
          run.exchange_s * p[kExposed] + run.network_s * p[kNetwork]};
}

Estimate predict_pace(std::span<const double> p, const Pace& pace) {
  const double host = std::max(pace.kernels * p[hDispatch], pace.samples * p[hSample]) * 1e-6;
  Estimate out;
  out.seconds = std::hypot(pace.chip_s, host) + p[hStep] * 1e-6 + pace.last_s;
  out.limit = host > pace.chip_s ? Limit::Launch : Limit::Compute;
  return out;
}

Estimate predict_run(const Chip&, std::span<const double> p, const Run& run) {
  const Pace pace = pace_of(p, run);
  Estimate out = predict_pace(run.host, pace);
  const auto part = [&](RunPart of) { return run.seconds[static_cast<std::size_t>(of)] * run_factor(p, of); };
  Longest longest;
  longest.add(part(RunPart::Streams), Limit::Memory);
  longest.add(part(RunPart::Links) + pace.last_s, Limit::Link);
  longest.add(pace.chip_s - part(RunPart::Streams) - part(RunPart::Links) - run.kernels * run_gap_s(p),
              Limit::Compute);
  longest.add(out.seconds - pace.chip_s - pace.last_s + run.kernels * run_gap_s(p), Limit::Launch);
  out.limit = longest.limit;
  out.operations = run.operations;
  out.bytes = run.bytes;
  return out;
}

}  // namespace atlas

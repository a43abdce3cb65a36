// Time of a step of a whole network: what its operators take, and what the host and the links add.
#pragma once

#include <array>
#include <span>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

/// Kinds of operators whose time in a network differs from their model's by a factor of their own.
enum class RunPart { Products, Convolutions, Grouped, Depthwise, Streams, Links };
inline constexpr std::size_t kRunParts = 6;

/// What a step asks of the host that queues its kernels, and what it waits for in the end.
struct Pace {
  double chip_s = 0;  // that the chip is busy
  double kernels = 0;
  double samples = 0;  // that the host prepares
  double last_s = 0;   // behind everything else: what is still to be exchanged among replicas
};

/// Sums over the operators of a step on its longest path, by their models and without their launches.
struct Run {
  std::array<double, kRunParts> seconds{};
  double exchange_s = 0;  // among replicas in one node
  double network_s = 0;   // the same among nodes
  double kernels = 0;
  double samples = 0;
  std::array<double, 3> host{};  // constants of kHostFamily
  double operations = 0;
  double bytes = 0;
};

/// Of a chip, a number format and a mode: "run/pytorch-f16-train". Of a runtime's host: "host/pytorch".
extern const Family kRunFamily;
extern const Family kHostFamily;

/// In a network: of the step's time by its model, and for the gap behind it.
double run_factor(std::span<const double> constants, RunPart part);
double run_gap_s(std::span<const double> constants);
/// Of exchanges among replicas, inside a node or among nodes: what they add, in units of their model's time.
double exchange_factor(std::span<const double> constants, bool leaves_node);

Pace pace_of(std::span<const double> constants, const Run& run);
Estimate predict_run(const Chip& chip, std::span<const double> constants, const Run& run);
/// `constants` in the order of kHostFamily.
Estimate predict_pace(std::span<const double> constants, const Pace& pace);

}  // namespace atlas

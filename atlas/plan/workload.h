// A workload: a network without weights, what is done with it, and how it is spread over chips.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atlas/plan/network_steps.h"
#include "atlas/plan/operator.h"
#include "atlas/plan/transformer.h"

namespace atlas {

/// Chips of one replica split its products (tensor) and its layers (pipeline); replicas share gradients
/// (data).
struct Layout {
  double tensor = 1;
  double pipeline = 1;
  double data = 1;
  double micro_batches = 1;  // passes of a replica per step
  double interleave = 1;     // pieces of the stack that each stage of a pipeline holds
  bool sequence_parallel = false;
  // What replicas share out instead of keeping it whole: 0 nothing, 1 the optimiser's state, 2 gradients too,
  // 3 weights too (ZeRO: Rajbhandari et al., 2020; FSDP is stage 3).
  double zero = 0;

  double chips() const { return tensor * pipeline * data; }
};

struct Workload {
  std::string model;
  std::optional<Transformer> transformer;  // else the convolution network of that name
  bool trains = false;
  double batch = 1;      // samples of one pass of one replica
  double tokens = 0;     // new ones of each sequence
  double past = 0;       // in the cache before them
  double predicted = 1;  // share of tokens that the vocabulary is computed for
  double picture = 0;    // edge in pixels; 0: the network's own
  std::string dtype = "f16";
  Lowering lowering;
  Layout layout;
};

/// Throws InvalidArgument on what cannot be: unknown networks, heads that chips cannot share, ...
void check(const Workload& workload);

/// Where a run's time goes: steps on its longest path, counts included, forward and backward of all passes.
struct RunSteps {
  std::vector<Step> steps;
  std::vector<Step> exchange;  // among replicas: of gradients, and of weights where they are shared out
};
RunSteps steps_of(const Workload& workload, const Chip& chip);
/// Whether an exchange goes to other nodes.
bool leaves_node(const Step& exchange);

/// Prices the steps by the operators' models. The key is "run/RUNTIME-FORMAT-infer" or "-train".
Operator run_of(const Workload& workload, const Chip& chip, const Constants& constants);

}  // namespace atlas

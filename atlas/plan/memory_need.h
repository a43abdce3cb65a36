// What a workload keeps in one chip's memory.
#pragma once

#include "atlas/plan/workload.h"

namespace atlas {

/// Bytes per chip. Weights, gradients and optimiser state are spread evenly, but for `ends`: what embeddings
/// and output add to the first stage of a pipeline beyond its share.
struct MemoryNeed {
  double weights = 0;
  double gradients = 0;
  double optimizer = 0;
  double activations = 0;  // in training what gradients need, on the first stage; else of the widest layer
  double cache = 0;        // keys and values
  double gathered = 0;     // where replicas share out weights: those of the layer in use and of the next one
  double ends = 0;

  double total() const { return weights + gradients + optimizer + activations + cache + gathered + ends; }
};

MemoryNeed memory_need(const Workload& workload);

}  // namespace atlas

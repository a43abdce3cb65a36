// Networks as the steps in which a runtime runs them: forward, gradients, optimiser.
#pragma once

#include "atlas/plan/graph_operators.h"
#include "atlas/plan/layer.h"
#include "atlas/plan/runtime.h"

namespace atlas {

/// Of layers, again before their gradients: none, attention's inside, everything.
enum class Recompute { None, Selective, Full };
/// "none", "selective", "full"; throws InvalidArgument.
Recompute recompute_named(std::string_view name);

/// How numbers of activations and weights are kept: f32, tf32, f16, bf16, f8 or i8. Throws InvalidArgument.
const GemmFormat& number_format(std::string_view name);

struct Lowering {
  const Runtime* runtime = nullptr;
  const GemmFormat* format = nullptr;
  Recompute recompute = Recompute::None;
};

/// One forward pass.
std::vector<Step> inference_steps(const Network& network, const Lowering& lowering);

/// Forward and backward. Each gradient of a product is one of its size; of a convolution there are two, with
/// its operations and its tensors.
std::vector<Step> training_steps(const Network& network, const Lowering& lowering);

/// The update of so many learned numbers by Adam or LAMB with state in f32. Of each number 46 bytes move: 8
/// as gradients are scaled and 4 for their norm, 28 for the update, 6 for the narrow copy.
Step optimizer_step(double parameters);

}  // namespace atlas

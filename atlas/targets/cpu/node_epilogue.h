// What a fused node does behind its sums: bias, residual, activation.
#pragma once

#include <optional>

#include "atlas/targets/cpu/kernel.h"
#include "atlas/targets/cpu/kernels/epilogue.h"

namespace atlas::cpu {

/// The activation that a fused node names. Nothing: one that the kernels do not know.
std::optional<Activation> fused_activation(const NodeView& node);

/// A bias for each of so many channels; null where input `i` is left out. Throws InvalidArgument, naming the
/// node, on another number of them.
const float* read_bias(const KernelContext& context, std::size_t i, std::size_t channels);

/// Bias (input 2) and residual (input 3), where they are there, for a result of shape `output` with so many
/// channels. Throws InvalidArgument, naming the node, where they do not fit.
Epilogue read_epilogue(const KernelContext& context, std::size_t channels, const Shape& output);

}  // namespace atlas::cpu

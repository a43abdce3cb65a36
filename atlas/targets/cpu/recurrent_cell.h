// One time step of one sequence in a recurrent layer: gates, activations and the new state.
#pragma once

#include <cstddef>

#include "atlas/targets/cpu/kernels/activation.h"

namespace atlas {
class ThreadPool;
}

namespace atlas::cpu {

/// Activations of a direction, in the order in which ONNX lists them, and what values are clipped to before
/// them (0: not at all).
struct CellFunctions {
  ActivationKind f = ActivationKind::None;
  ActivationKind g = ActivationKind::None;
  ActivationKind h = ActivationKind::None;
  float clip = 0;
};

// In all of these, vectors have `n` elements for each gate. `x` holds the products of the input with all
// biases added, `gates` those of the state; the latter is overwritten.

/// state = f(x + gates).
void rnn_step(const CellFunctions& functions, std::size_t n, const float* x, float* gates, float* state,
              ThreadPool& pool);

/// Gates in the order input, output, forget, cell. `peepholes` (input, output, forget) may be null.
/// `coupled`: the forget gate is 1 - input gate.
void lstm_step(const CellFunctions& functions, std::size_t n, const float* x, const float* peepholes,
               bool coupled, float* gates, float* state, float* cell, ThreadPool& pool);

/// The first half of a GRU step: update and reset gates, in this order, are left in `gates`.
void gru_gates(const CellFunctions& functions, std::size_t n, const float* x, float* gates, ThreadPool& pool);

/// The second half: `x` and `gates` as before, the third part of `gates` now the state's part of the hidden
/// gate.
void gru_state(const CellFunctions& functions, std::size_t n, const float* x, float* gates, float* state,
               ThreadPool& pool);

}  // namespace atlas::cpu

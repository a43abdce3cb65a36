// Cells as plain loops around the vectorised activations.
#include "atlas/targets/cpu/recurrent_cell.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/elementwise.h"

namespace atlas::cpu {
namespace {

void add(float* to, const float* what, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] += what[i];
}

void clip(const CellFunctions& functions, float* values, std::size_t n) {
  if (functions.clip <= 0) return;
  for (std::size_t i = 0; i < n; ++i) values[i] = std::clamp(values[i], -functions.clip, functions.clip);
}

void apply(ActivationKind kind, const CellFunctions& functions, float* values, std::size_t n,
           ThreadPool& pool) {
  clip(functions, values, n);
  activate({kind}, values, values, n, pool);
}

}  // namespace

void rnn_step(const CellFunctions& functions, std::size_t n, const float* x, float* gates, float* state,
              ThreadPool& pool) {
  add(gates, x, n);
  apply(functions.f, functions, gates, n, pool);
  std::copy_n(gates, n, state);
}

void lstm_step(const CellFunctions& functions, std::size_t n, const float* x, const float* peepholes,
               bool coupled, float* gates, float* state, float* cell, ThreadPool& pool) {
  add(gates, x, 4 * n);
  float* input = gates;
  float* output = gates + n;
  float* forget = gates + 2 * n;
  float* fresh = gates + 3 * n;
  const auto peep = [&](float* gate, std::size_t which) {
    for (std::size_t i = 0; i < n; ++i) gate[i] += peepholes[which * n + i] * cell[i];
  };
  if (peepholes != nullptr) {
    peep(input, 0);
    peep(forget, 2);
    apply(functions.f, functions, input, n, pool);
    apply(functions.f, functions, forget, n, pool);
  } else {
    apply(functions.f, functions, gates, 3 * n, pool);
  }
  apply(functions.g, functions, fresh, n, pool);
  if (coupled)
    for (std::size_t i = 0; i < n; ++i) forget[i] = 1 - input[i];
  for (std::size_t i = 0; i < n; ++i) cell[i] = forget[i] * cell[i] + input[i] * fresh[i];
  if (peepholes != nullptr) {
    peep(output, 1);
    apply(functions.f, functions, output, n, pool);
  }
  std::copy_n(cell, n, fresh);
  apply(functions.h, functions, fresh, n, pool);
  for (std::size_t i = 0; i < n; ++i) state[i] = output[i] * fresh[i];
}

void gru_gates(const CellFunctions& functions, std::size_t n, const float* x, float* gates,
               ThreadPool& pool) {
  add(gates, x, 2 * n);
  apply(functions.f, functions, gates, 2 * n, pool);
}

void gru_state(const CellFunctions& functions, std::size_t n, const float* x, float* gates, float* state,
               ThreadPool& pool) {
  float* hidden = gates + 2 * n;
  add(hidden, x + 2 * n, n);
  apply(functions.g, functions, hidden, n, pool);
  for (std::size_t i = 0; i < n; ++i) state[i] = (1 - gates[i]) * hidden[i] + gates[i] * state[i];
}

}  // namespace atlas::cpu

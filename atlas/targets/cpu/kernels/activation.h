// The activation functions that kernels apply to their results while these are hot.
#pragma once

namespace atlas::cpu {

enum class ActivationKind {
  None,
  Relu,
  Clip,       // between a and b
  LeakyRelu,  // a: slope below 0
  Elu,        // a: alpha
  Sigmoid,
  HardSigmoid,  // max(0, min(1, a x + b))
  Tanh,
  Silu,       // x sigmoid(x)
  SiluNear,   // the same within 2^-11, in half the time
  HardSwish,  // x max(0, min(1, x / 6 + 1/2))
  Softplus,
  Mish,      // x tanh(softplus(x))
  Gelu,      // x (1 + erf(x / sqrt 2)) / 2
  GeluTanh,  // its approximation by tanh
};

struct Activation {
  ActivationKind kind = ActivationKind::None;
  float a = 0;
  float b = 0;

  /// As exact as makes sense where bfloat16s are multiplied before, or are the result.
  Activation near() const { return {kind == ActivationKind::Silu ? ActivationKind::SiluNear : kind, a, b}; }
};

}  // namespace atlas::cpu

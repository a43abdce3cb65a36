// What needs the dot products of NEON, which multiply quads of 8-bit numbers.
#pragma once

#include "atlas/targets/cpu/kernels/igemm_kernel.h"

#if defined(__aarch64__)
namespace atlas::cpu {

/// Whether the processor has them.
bool has_dot_products();

/// For use where active_isa() says Isa::NeonDot.
const IgemmKernel& dot_igemm_kernel();

}  // namespace atlas::cpu
#endif

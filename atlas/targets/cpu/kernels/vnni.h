// What needs the AVX-512 VNNI instructions, which multiply quads of 8-bit numbers.
#pragma once

#include "atlas/targets/cpu/kernels/igemm_kernel.h"

#if defined(__x86_64__)
namespace atlas::cpu {

/// For use where active_isa() says Isa::Avx512Vnni.
extern const IgemmKernel vnni_igemm_kernel;

/// As multiply_add_integers (peak.h).
double vnni_multiply_add_integers(size_t repeats);

}  // namespace atlas::cpu
#endif

// What needs the AVX-512 BF16 instructions, which multiply pairs of bfloat16.
#pragma once

#include "atlas/targets/cpu/kernels/bf16_kernel.h"

#if defined(__x86_64__)
namespace atlas::cpu {

/// For use where active_isa() says Isa::Avx512Bf16.
const Bf16Kernel& avx512_bf16_kernel();

/// As multiply_add_floats (peak.h).
double avx512_multiply_add_bf16(size_t repeats);

}  // namespace atlas::cpu
#endif

// What needs AMX for bfloat16.
#pragma once

#include "atlas/targets/cpu/kernels/bf16_kernel.h"

#if defined(__x86_64__)
namespace atlas::cpu {

/// For use where active_isa() says Isa::Amx.
const Bf16Kernel& amx_bf16_kernel();

/// The same with factors of three parts; `plain` fills chunks (split_kernel.h).
Bf16Kernel amx_split_kernel(const Bf16Kernel& plain);

/// As multiply_add_floats (peak.h).
double amx_multiply_add_bf16(size_t repeats);

}  // namespace atlas::cpu
#endif

// What needs the AMX instructions, which multiply tiles of 16 rows by 64 bytes.
#pragma once

#include "atlas/targets/cpu/kernels/igemm_kernel.h"

#if defined(__x86_64__)
namespace atlas::cpu {

/// Whether the processor has them and the system lets this process use them; asks it to, the first time.
bool may_use_amx();

/// Before tiles are used on a thread, all eight 16 rows by 64 bytes, and behind that. Of bytes, the two of A
/// may have fewer quads in a row, and the two of B as many rows.
void enter_tiles();
void enter_byte_tiles(size_t quads);
void leave_tiles();

/// For use where active_isa() says Isa::Amx.
const IgemmKernel& amx_igemm_kernel();

/// As multiply_add_integers (peak.h).
double amx_multiply_add_integers(size_t repeats);

}  // namespace atlas::cpu
#endif

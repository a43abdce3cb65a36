// What needs the AVX-512 VBMI instructions, which look bytes up in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
namespace atlas::cpu {

/// Whether the processor has them; some with VNNI do not.
bool has_vbmi();

/// As map_bytes (quantize.h).
void vbmi_map_bytes(const uint8_t* table, const uint8_t* x, size_t count, uint8_t* to);

}  // namespace atlas::cpu
#endif

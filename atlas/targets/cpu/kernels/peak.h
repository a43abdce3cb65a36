// What the processor's vector units and caches reach at best, for measuring roofs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atlas::cpu {

/// Fused multiply-adds of floats on registers alone; gives the operations that it did (a multiply-add is 2).
double multiply_add_floats(size_t repeats);

/// Products of 8-bit numbers summed into 32 bits, as the integer products here do them: as they are where the
/// processor has VNNI, else widened to 16 bits.
double multiply_add_integers(size_t repeats);

/// Products of bfloat16 summed into f32. For use where has_bf16_products() (bf16_kernel.h) holds.
double multiply_add_bf16(size_t repeats);

/// Loads every element `repeats` times, without writing. `count` is a multiple of 256.
void read_floats(const float* data, size_t count, size_t repeats);

}  // namespace atlas::cpu

// A chip with round figures, for examples that are worked by hand.
#pragma once

#include "atlas/plan/chip.h"

namespace atlas {

/// 4 cores, 8 TFLOP/s in bf16, 1 TFLOP/s in f32, 100 GB/s from memory, 1 MB of L2 at 1 TB/s, 100 KB of L1.
inline Chip round_chip() {
  Chip chip;
  chip.name = "round";
  chip.family = "round";
  chip.cores = 4;
  chip.dram_bytes_per_s = 100e9;
  chip.dram_bytes = 8e9;
  chip.l2_bytes = 1e6;
  chip.l2_bytes_per_s = 1e12;
  chip.l1_bytes = 100e3;
  chip.exponentials_per_s = 64e9;
  chip.matrix = {{"bf16", 8e12}};
  chip.vector = {{"f32", 1e12}};
  return chip;
}

}  // namespace atlas

// Where in one arena each intermediate value stands, from sizes and lifetimes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace atlas {

/// A block of memory needed from step `first` to step `last`, both included.
struct Lifetime {
  std::size_t size_bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // one per block, aligned
  std::size_t arena_bytes = 0;
};

/// Offsets such that blocks alive at the same step do not overlap. Largest blocks are placed first, each in
/// the smallest gap that fits it (greedy by size: Pisarchyk and Lee, "Efficient memory management for deep
/// neural net inference", 2020). `alignment` is a power of two.
MemoryPlan plan_memory(std::span<const Lifetime> blocks, std::size_t alignment = 64);

}  // namespace atlas

// Greedy placement by size.
#include "atlas/mapping/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace atlas {

MemoryPlan plan_memory(std::span<const Lifetime> blocks, std::size_t alignment) {
  const auto aligned = [&](std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; };
  std::vector<std::size_t> by_size(blocks.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::ranges::stable_sort(by_size, std::greater<>(), [&](std::size_t i) { return blocks[i].size_bytes; });

  MemoryPlan plan;
  plan.offsets.resize(blocks.size());
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : by_size) {
    const Lifetime& block = blocks[i];
    const std::size_t size = aligned(block.size_bytes);
    std::size_t end = 0;  // of the blocks so far that are alive together with this one
    std::size_t best = 0;
    std::size_t best_gap = std::numeric_limits<std::size_t>::max();
    for (const std::size_t other : placed) {
      if (blocks[other].last < block.first || block.last < blocks[other].first) continue;
      const std::size_t start = plan.offsets[other];
      if (start >= end + size && start - end < best_gap) {
        best = end;
        best_gap = start - end;
      }
      end = std::max(end, start + aligned(blocks[other].size_bytes));
    }
    plan.offsets[i] = best_gap == std::numeric_limits<std::size_t>::max() ? end : best;
    plan.arena_bytes = std::max(plan.arena_bytes, plan.offsets[i] + size);
    const auto at =
        std::ranges::upper_bound(placed, plan.offsets[i], {}, [&](std::size_t p) { return plan.offsets[p]; });
    placed.insert(at, i);
  }
  return plan;
}

}  // namespace atlas

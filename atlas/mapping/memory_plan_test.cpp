// Plans never overlap what lives together, and reuse what does not.
#include "atlas/mapping/memory_plan.h"

#include <gtest/gtest.h>

#include <random>

namespace atlas {
namespace {

TEST(MemoryPlan, ReusesMemoryOfTheDead) {
  const std::vector<Lifetime> chain = {{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
  EXPECT_EQ(plan_memory(chain).arena_bytes, 2048u);
}

TEST(MemoryPlan, NeverOverlapsTheLiving) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> blocks(60);
    for (Lifetime& block : blocks) {
      block.size_bytes = random() % 5000;
      block.first = random() % 40;
      block.last = block.first + random() % 10;
    }
    const MemoryPlan plan = plan_memory(blocks);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_EQ(plan.offsets[i] % 64, 0u);
      EXPECT_LE(plan.offsets[i] + blocks[i].size_bytes, plan.arena_bytes);
      for (std::size_t j = 0; j < i; ++j) {
        const bool together = blocks[i].first <= blocks[j].last && blocks[j].first <= blocks[i].last;
        const bool overlap = plan.offsets[i] < plan.offsets[j] + blocks[j].size_bytes &&
                             plan.offsets[j] < plan.offsets[i] + blocks[i].size_bytes;
        EXPECT_FALSE(together && overlap && blocks[i].size_bytes > 0 && blocks[j].size_bytes > 0);
      }
    }
  }
}

}  // namespace
}  // namespace atlas

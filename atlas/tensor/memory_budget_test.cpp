#include "atlas/tensor/memory_budget.h"

#include <gmock/gmock.h>

#include <thread>

#include "atlas/base/error.h"
#include "atlas/tensor/tensor.h"

namespace atlas {
namespace {

TEST(MemoryBudget, BuffersCountUntilTheyAreReleased) {
  const auto budget = std::make_shared<MemoryBudget>(1000);
  std::shared_ptr<Buffer> outlives;
  {
    const MemoryScope scope(budget);
    const std::shared_ptr<Buffer> first = Buffer::allocate(600);
    outlives = Buffer::allocate(300);
    EXPECT_EQ(budget->used_bytes(), 900);
  }
  EXPECT_EQ(budget->used_bytes(), 300);
  const auto outside = Buffer::allocate(5000);
  EXPECT_EQ(budget->used_bytes(), 300);
  outlives.reset();
  EXPECT_EQ(budget->used_bytes(), 0);
}

TEST(MemoryBudget, RefusesWhatPassesTheLimit) {
  const auto budget = std::make_shared<MemoryBudget>(1000);
  const MemoryScope scope(budget);
  const Tensor held(DType::F32, {200});
  try {
    const Tensor more(DType::F32, {51});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::ResourceExhausted);
    EXPECT_STREQ(error.what(), "buffer: 204 bytes more than the 800 in use pass the limit of 1000 bytes");
  }
  EXPECT_EQ(budget->used_bytes(), 800);
  EXPECT_NO_THROW(Tensor(DType::F32, {50}));
}

TEST(MemoryBudget, ScopesNestAndBelongToAThread) {
  const auto outer = std::make_shared<MemoryBudget>(1000);
  const auto inner = std::make_shared<MemoryBudget>(1000);
  const MemoryScope scope(outer);
  {
    const MemoryScope nested(inner);
    EXPECT_EQ(MemoryScope::current(), inner);
    std::thread([] { EXPECT_EQ(MemoryScope::current(), nullptr); }).join();
  }
  EXPECT_EQ(MemoryScope::current(), outer);
}

}  // namespace
}  // namespace atlas

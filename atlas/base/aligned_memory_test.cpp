#include "atlas/base/aligned_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace atlas {
namespace {

TEST(AlignedMemory, EverySizeMayBeWritten) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{65}, huge_page_bytes - 1,
                                  huge_page_bytes, 2 * huge_page_bytes + 1}) {
    void* memory = allocate_aligned(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0u);
    std::memset(memory, 1, bytes);
    std::free(memory);
  }
}

TEST(AlignedMemory, NothingWhereThereIsNotSoMuch) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  for (const std::size_t bytes : {most, most / 2}) EXPECT_EQ(allocate_aligned(bytes), nullptr);
}

}  // namespace
}  // namespace atlas

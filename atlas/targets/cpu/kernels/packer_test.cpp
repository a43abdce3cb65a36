#include "atlas/targets/cpu/kernels/packer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "atlas/base/aligned_memory.h"

namespace atlas::cpu {
namespace {

PackedMemory pack(size_t bytes, int value) {
  return model_packer().pack(bytes, [&](std::byte* to) { std::memset(to, value, bytes); });
}

TEST(ModelPacker, WeightsLieSideBySideAndOutliveOneAnother) {
  PackedMemory first = pack(100, 1);
  const PackedMemory second = pack(64, 2);
  EXPECT_EQ(second.get() - first.get(), 128);
  first.reset();
  EXPECT_EQ(second[0], std::byte{2});
  EXPECT_EQ(second[63], std::byte{2});
  const PackedMemory large = pack(9 * huge_page_bytes, 3), third = pack(1, 4);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.get()) % 64, 0u);
  EXPECT_EQ(large[9 * huge_page_bytes - 1], std::byte{3});
  EXPECT_EQ(third[0], std::byte{4});
  EXPECT_EQ(second[63], std::byte{2});
}

}  // namespace
}  // namespace atlas::cpu

#include "atlas/base/xxh64.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace atlas {
namespace {

// Figures of the library libxxhash 0.8.1.
TEST(Xxh64, IsThatOfTheLibrary) {
  const auto of_text = [](std::string_view text) { return xxh64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(of_text(""), 0xef46db3751d8e999);
  EXPECT_EQ(of_text("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1);
  std::vector<std::byte> bytes(100);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 31 % 251);
  const std::span<const std::byte> all = bytes;
  EXPECT_EQ(xxh64(all.first(1)), 0xe934a84adb052768);
  EXPECT_EQ(xxh64(all.first(5)), 0x35b7281bd03af582);
  EXPECT_EQ(xxh64(all.first(12)), 0x84a88c4bc241025a);
  EXPECT_EQ(xxh64(all), 0xcd8c24467b8382ad);
}

}  // namespace
}  // namespace atlas

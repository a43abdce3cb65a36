// Base64 against the vectors of RFC 4648, and what it refuses.
#include "atlas/base/base64.h"

#include <gtest/gtest.h>

#include <vector>

namespace atlas {
namespace {

std::string encode(std::string_view text) {
  std::string out;
  append_base64(out, std::as_bytes(std::span(text)));
  return out;
}

TEST(Base64, VectorsOfTheStandardBothWays) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xff\xfe", "//4="}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(encode(plain), coded);
    ASSERT_EQ(base64_size(coded), plain.size());
    std::string decoded(plain.size(), '?');
    EXPECT_TRUE(decode_base64(coded, std::as_writable_bytes(std::span(decoded))));
    EXPECT_EQ(decoded, plain);
  }
}

TEST(Base64, RefusesOddLengthsAndStrangeCharacters) {
  EXPECT_EQ(base64_size("Zg="), std::nullopt);
  std::vector<std::byte> out(3);
  EXPECT_FALSE(decode_base64("Zm9-", out));
  EXPECT_FALSE(decode_base64("Z===", std::span(out).first(2)));
}

}  // namespace
}  // namespace atlas

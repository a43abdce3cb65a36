#include "atlas/base/utf8.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(Utf8, GoesBothWays) {
  const std::string text = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80";
  const auto points = decode_utf8(text);
  ASSERT_TRUE(points);
  EXPECT_EQ(*points, U"a\u00E9\u4E2D\U0001F600");
  std::string back;
  for (const char32_t c : *points) append_utf8(back, c);
  EXPECT_EQ(back, text);
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
  for (const std::string_view bad :
       {"\xC3", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "a\xE4\xB8"})
    EXPECT_FALSE(decode_utf8(bad)) << bad.size();
  std::string out;
  append_utf8(out, 0xD800);
  append_utf8(out, 0x110000);
  EXPECT_EQ(out, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace atlas

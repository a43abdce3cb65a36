#include "atlas/base/unicode.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(Unicode, KnowsCategories) {
  EXPECT_EQ(category(U'a'), Category::Ll);
  EXPECT_EQ(category(0x300), Category::Mn);
  EXPECT_EQ(category(0x378), Category::Cn);
  EXPECT_TRUE(is_letter(category(0x4E2D)));
  EXPECT_TRUE(is_punctuation(category(0x3002)));
  EXPECT_TRUE(is_number(category(0x0661)));
  EXPECT_FALSE(is_mark(category(U'a')));
}

TEST(Unicode, KnowsWhiteSpace) {
  for (const char32_t c : {U' ', U'\t', char32_t{0x85}, char32_t{0xA0}, char32_t{0x3000}})
    EXPECT_TRUE(is_white_space(c));
  for (const char32_t c : {U'a', char32_t{0x200B}, char32_t{0x180E}, char32_t{0x2581}})
    EXPECT_FALSE(is_white_space(c));
}

TEST(Unicode, TakesApartAndPutsTogether) {
  char32_t parts[32];
  ASSERT_EQ(decompose(0xE9, false, parts), 2u);
  EXPECT_EQ(parts[0], U'e');
  EXPECT_EQ(parts[1], char32_t{0x301});
  ASSERT_EQ(decompose(0xFB01, false, parts), 1u);
  ASSERT_EQ(decompose(0xFB01, true, parts), 2u);  // the ligature fi
  EXPECT_EQ(decompose(0xD55C, false, parts), 3u);
  EXPECT_EQ(decompose(0xFDFA, true, parts), 18u);  // the longest there is
  EXPECT_EQ(compose(U'e', 0x301), char32_t{0xE9});
  EXPECT_EQ(compose(U'e', U'e'), char32_t{0});
  EXPECT_EQ(compose(0x1112, 0x1161), char32_t{0xD558});
  EXPECT_EQ(combining_class(0x301), 230);
  EXPECT_EQ(lower_case(0x416), char32_t{0x436});
}

TEST(Unicode, FindsGraphemes) {
  std::int32_t state = 0;
  EXPECT_TRUE(grapheme_ends_between(U'a', U'b', state));
  state = 0;
  EXPECT_FALSE(grapheme_ends_between(U'e', 0x301, state));
}

}  // namespace
}  // namespace atlas

#include "atlas/media/font.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {
namespace {

TEST(Fonts, RendersCharacters) {
  const Fonts fonts = Fonts::standard();
  const Glyph wide = fonts.glyph(U'W', 20);
  const Glyph narrow = fonts.glyph(U'i', 20);
  EXPECT_GT(wide.advance, narrow.advance);
  EXPECT_GT(wide.coverage.dim(0), 10);
  EXPECT_EQ(std::ranges::max(wide.coverage.values<std::uint8_t>()), 255);
  EXPECT_GT(fonts.glyph(U' ', 20).advance, 0);
  EXPECT_NO_THROW(fonts.glyph(0x10FFFF, 20));
  EXPECT_THROW(fonts.glyph(U'a', 0), Error);
}

TEST(Fonts, RefusesOtherFiles) {
  const std::filesystem::path files[] = {"/nonexistent.ttf"};
  EXPECT_THROW(Fonts{files}, Error);
  const std::filesystem::path source[] = {std::filesystem::path(ATLAS_TESTDATA) / "rgb.png"};
  EXPECT_THROW(Fonts{source}, Error);
}

}  // namespace
}  // namespace atlas

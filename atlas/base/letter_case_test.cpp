// Case mappings beyond ASCII and of broken text.
#include "atlas/base/letter_case.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(LetterCase, MapsCodePoints) {
  EXPECT_EQ(to_lower("École ΑΒΓ ЖУК 42"), "école αβγ жук 42");
  EXPECT_EQ(to_upper("école αβγ жук 42"), "ÉCOLE ΑΒΓ ЖУК 42");
  EXPECT_EQ(to_upper(""), "");
}

TEST(LetterCase, KeepsBytesThatAreNoText) {
  EXPECT_EQ(to_upper("a\xFF\xC3"), "A\xFF\xC3");
  EXPECT_EQ(to_upper(std::string_view("a\0b", 3)), std::string_view("A\0B", 3));
}

}  // namespace
}  // namespace atlas

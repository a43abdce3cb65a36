// What Unicode says of a code point: its category, white space, case, and how it is composed.
#pragma once

#include <cstdint>
#include <string_view>

namespace atlas {

/// The general categories of the Unicode standard, by their usual abbreviations and numbered as utf8proc
/// does.
enum class Category : std::uint8_t {
  Cn,
  Lu,
  Ll,
  Lt,
  Lm,
  Lo,
  Mn,
  Mc,
  Me,
  Nd,
  Nl,
  No,
  Pc,
  Pd,
  Ps,
  Pe,
  Pi,
  Pf,
  Po,
  Sm,
  Sc,
  Sk,
  So,
  Zs,
  Zl,
  Zp,
  Cc,
  Cf,
  Cs,
  Co,
};

Category category(char32_t code_point);

inline bool is_mark(Category c) {
  return c >= Category::Mn && c <= Category::Me;
}
inline bool is_letter(Category c) {
  return c >= Category::Lu && c <= Category::Lo;
}
inline bool is_number(Category c) {
  return c >= Category::Nd && c <= Category::No;
}
inline bool is_punctuation(Category c) {
  return c >= Category::Pc && c <= Category::Po;
}

/// The property White_Space.
bool is_white_space(char32_t code_point);

/// The one code point that is its lower case.
char32_t lower_case(char32_t code_point);

/// The canonical combining class, 0 for starters.
int combining_class(char32_t code_point);

/// The full canonical decomposition, or with `compatible` the compatibility one, written to `to`; its length.
std::size_t decompose(char32_t code_point, bool compatible, char32_t (&to)[32]);

/// The code point that canonically decomposes into these two, or 0.
char32_t compose(char32_t first, char32_t second);

/// Whether a user-perceived character ends between two code points of a text. `state` starts as 0 and is kept
/// from one pair to the next.
bool grapheme_ends_between(char32_t first, char32_t second, std::int32_t& state);

}  // namespace atlas

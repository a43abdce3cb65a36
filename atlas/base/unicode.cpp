// Looks up utf8proc's tables.
#include "atlas/base/unicode.h"

#include <utf8proc.h>

namespace atlas {
namespace {

utf8proc_int32_t number(char32_t code_point) {
  return static_cast<utf8proc_int32_t>(code_point);
}

}  // namespace

static_assert(static_cast<int>(Category::Co) == UTF8PROC_CATEGORY_CO);
static_assert(static_cast<int>(Category::Zs) == UTF8PROC_CATEGORY_ZS);

Category category(char32_t code_point) {
  return static_cast<Category>(utf8proc_category(number(code_point)));
}

bool is_white_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

char32_t lower_case(char32_t code_point) {
  return static_cast<char32_t>(utf8proc_tolower(number(code_point)));
}

int combining_class(char32_t code_point) {
  return utf8proc_get_property(number(code_point))->combining_class;
}

std::size_t decompose(char32_t code_point, bool compatible, char32_t (&to)[32]) {
  utf8proc_int32_t out[32];
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0));
  const auto count = utf8proc_decompose_char(number(code_point), out, 32, options, nullptr);
  if (count < 1 || count > 32) {
    to[0] = code_point;
    return 1;
  }
  for (utf8proc_ssize_t i = 0; i < count; ++i) to[i] = static_cast<char32_t>(out[i]);
  return static_cast<std::size_t>(count);
}

char32_t compose(char32_t first, char32_t second) {
  utf8proc_int32_t pair[2] = {number(first), number(second)};
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  return utf8proc_normalize_utf32(pair, 2, options) == 1 ? static_cast<char32_t>(pair[0]) : 0;
}

bool grapheme_ends_between(char32_t first, char32_t second, std::int32_t& state) {
  return utf8proc_grapheme_break_stateful(number(first), number(second), &state);
}

}  // namespace atlas

// A place in a text and the small tokens of Atlas's text forms: words, strings, numbers, punctuation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "atlas/base/error.h"

namespace atlas {

/// Every member that reads first skips white space and comments (from `#` to the end of the line).
/// Errors are InvalidArgument and open with "where:line:column: ".
class TextCursor {
 public:
  /// Neither text is copied; both must outlive the cursor.
  TextCursor(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  bool at_end();
  /// Whether `punctuation` comes next; then steps over it.
  bool take(char punctuation);
  void expect(char punctuation);
  /// The same for a whole word.
  bool take_word(std::string_view word);
  void expect_word(std::string_view word);

  /// The bare word that comes next, without stepping over it; "" where none does.
  std::string_view peek_word();
  /// The character that comes next, 0 at the end.
  char peek();

  /// A bare word or a quoted string.
  std::string name(const char* what);
  /// A string in double quotes, escapes resolved.
  std::string quoted(const char* what);
  /// What stands between double quotes where no escapes are possible (base64).
  std::string_view raw_quoted(const char* what);
  /// The characters of a number: a sign, digits, a point, an exponent, "inf", "nan", "nan(0x...)".
  std::string_view number(const char* what);
  std::int64_t integer(const char* what);
  /// All up to (not including) the first `,` or `]` outside brackets, for dimensions.
  std::string_view dimension();

  /// "where:line:column"
  std::string here() const;
  template <typename... Args>
  [[noreturn]] void fail_here(fmt::format_string<Args...> format, Args&&... args) const {
    raise(ErrorCode::InvalidArgument, here() + ": " + fmt::vformat(format, fmt::make_format_args(args...)));
  }

 private:
  void skip_space();
  [[noreturn]] void expected(std::string_view what);

  std::string_view text_;
  std::string_view where_;
  std::size_t at_ = 0;
};

/// Words for the alternatives of Attribute, in their order, behind the name of a reference.
inline constexpr std::array<std::string_view, 13> kReferenceKinds = {
    "integer", "real",    "string",  "tensor", "graph", "type",  "integers",
    "reals",   "strings", "tensors", "graphs", "types", "sparse"};

/// `text` as a bare word where it can be one and is not reserved, else quoted.
std::string name_text(std::string_view text);

/// `text` in double quotes; what is not printable UTF-8 is escaped.
std::string quoted_text(std::string_view text);

}  // namespace atlas

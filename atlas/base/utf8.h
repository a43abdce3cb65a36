// UTF-8 to code points and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlas {

/// The code points of `bytes`, or nothing where they are not well-formed UTF-8 (RFC 3629).
std::optional<std::u32string> decode_utf8(std::string_view bytes);

/// The code point that starts at byte `at` of well-formed UTF-8; moves `at` behind it.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[at + i]); };
  const char32_t lead = byte(0);
  char32_t value = lead;
  std::size_t length = 1;
  if (lead >= 0xF0) {
    value = (lead & 7) << 18 | (byte(1) & 63) << 12 | (byte(2) & 63) << 6 | (byte(3) & 63);
    length = 4;
  } else if (lead >= 0xE0) {
    value = (lead & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
    length = 3;
  } else if (lead >= 0x80) {
    value = (lead & 31) << 6 | (byte(1) & 63);
    length = 2;
  }
  at += length;
  return value;
}

/// Where `bytes` stop being well-formed UTF-8 (RFC 3629); their size where they are.
std::size_t utf8_prefix(std::string_view bytes);

/// Appends one code point; surrogates and numbers beyond U+10FFFF become U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace atlas

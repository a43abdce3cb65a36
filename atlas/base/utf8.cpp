// UTF-8 by the table of RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#include "atlas/base/utf8.h"

namespace atlas {

namespace {

/// The bytes of the well-formed code point at `at`, or 0.
std::size_t length_at(std::string_view bytes, std::size_t at) {
  const auto lead = static_cast<unsigned char>(bytes[at]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 0;
  if (length == 0 || at + length > bytes.size()) return 0;
  char32_t value = lead & (0x7F >> length);
  for (std::size_t k = 1; k < length; ++k) {
    const auto next = static_cast<unsigned char>(bytes[at + k]);
    if (next >> 6 != 0x2) return 0;
    value = value << 6 | (next & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_scalar = value <= 0x10FFFF && (value < 0xD800 || value >= 0xE000);
  return value >= kLeast[length] && is_scalar ? length : 0;
}

}  // namespace

std::size_t utf8_prefix(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t length = length_at(bytes, at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::optional<std::u32string> decode_utf8(std::string_view bytes) {
  if (utf8_prefix(bytes) != bytes.size()) return std::nullopt;
  std::u32string out;
  for (std::size_t at = 0; at < bytes.size();) out.push_back(next_code_point(bytes, at));
  return out;
}

void append_utf8(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
  const auto push = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | c >> 6);
    push(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    push(0xE0 | c >> 12);
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  } else {
    push(0xF0 | c >> 18);
    push(0x80 | (c >> 12 & 0x3F));
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

}  // namespace atlas

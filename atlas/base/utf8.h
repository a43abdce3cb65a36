// UTF-8 to code points and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlas {

/// The code points of `bytes`, or nothing where they are not well-formed UTF-8 (RFC 3629).
std::optional<std::u32string> decode_utf8(std::string_view bytes);

/// Appends one code point; surrogates and numbers beyond U+10FFFF become U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace atlas

// The alphabet in which byte-level tokenizers write bytes: a printable character for each.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace atlas {

/// The character of each byte: printable ASCII and Latin-1 stand for themselves, the rest is moved to U+0100
/// and on (Radford et al. 2019).
const std::array<char32_t, 256>& byte_alphabet();

/// A token's bytes, or nothing where it has a character that is none of the alphabet.
std::optional<std::string> bytes_of_token(std::string_view token);

}  // namespace atlas

// Bytes as base64 text (RFC 4648, with padding).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlas {

/// Appends to `out`.
void append_base64(std::string& out, std::span<const std::byte> bytes);

/// How many bytes `text` decodes to; nothing where its length cannot be that of base64.
std::optional<std::size_t> base64_size(std::string_view text);

/// Fills `out`, whose size must be `base64_size(text)`. False where a character is none of base64.
bool decode_base64(std::string_view text, std::span<std::byte> out);

}  // namespace atlas

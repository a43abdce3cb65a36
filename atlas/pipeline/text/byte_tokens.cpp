// Two hexadecimal digits, upper case.
#include "atlas/pipeline/text/byte_tokens.h"

#include <fmt/core.h>

namespace atlas {

std::array<TokenId, 256> byte_tokens(const Vocabulary& vocabulary) {
  std::array<TokenId, 256> ids;
  for (int byte = 0; byte < 256; ++byte)
    ids[static_cast<std::size_t>(byte)] = vocabulary.id_of(fmt::format("<0x{:02X}>", byte));
  return ids;
}

std::optional<unsigned char> byte_of_token(std::string_view token) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const auto high = kDigits.find(token[3]), low = kDigits.find(token[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned char>(high << 4 | low);
}

}  // namespace atlas

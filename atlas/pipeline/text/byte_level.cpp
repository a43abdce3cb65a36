// Bytes without a printable character get the next free one from U+0100 on, in order.
#include "atlas/pipeline/text/byte_level.h"

#include "atlas/base/utf8.h"

namespace atlas {
namespace {

constexpr std::array<char32_t, 256> make_alphabet() {
  std::array<char32_t, 256> out{};
  char32_t moved = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
    out[byte] = printable ? byte : moved++;
  }
  return out;
}

constexpr std::array<char32_t, 256> kAlphabet = make_alphabet();
constexpr std::size_t kCharacters = 0x100 + 68;  // 68 bytes are moved

constexpr std::array<std::int16_t, kCharacters> make_bytes() {
  std::array<std::int16_t, kCharacters> out{};
  out.fill(-1);
  for (std::size_t byte = 0; byte < 256; ++byte) out[kAlphabet[byte]] = static_cast<std::int16_t>(byte);
  return out;
}

constexpr std::array<std::int16_t, kCharacters> kBytes = make_bytes();

}  // namespace

const std::array<char32_t, 256>& byte_alphabet() {
  return kAlphabet;
}

std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string out;
  for (std::size_t at = 0; at < token.size();) {
    const char32_t c = next_code_point(token, at);
    if (c >= kCharacters || kBytes[c] < 0) return std::nullopt;
    out.push_back(static_cast<char>(kBytes[c]));
  }
  return out;
}

}  // namespace atlas

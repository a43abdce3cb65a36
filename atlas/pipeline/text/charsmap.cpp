// Layout: bytes of the trie (u32), its units (u32), texts. Units are those of darts-clone, all little-endian.
#include "atlas/pipeline/text/charsmap.h"

#include <cstring>

#include "atlas/base/error.h"
#include "atlas/base/utf8.h"

namespace atlas {
namespace {

bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}
std::uint32_t value_of(std::uint32_t unit) {
  return unit & 0x7FFFFFFFu;
}
/// The byte that leads here; leaves have one that no byte equals.
std::uint32_t label_of(std::uint32_t unit) {
  return unit & 0x800000FFu;
}
std::uint32_t offset_of(std::uint32_t unit) {
  return (unit >> 10) << ((unit & 0x200u) >> 6);
}

}  // namespace

Charsmap::Charsmap(std::string_view blob) {
  constexpr std::size_t kLargest = std::size_t{16} << 20;
  if (blob.size() > kLargest)
    fail(ErrorCode::ResourceExhausted, "character map: expected at most {} bytes, got {}", kLargest,
         blob.size());
  std::uint32_t trie_bytes = 0;
  require(blob.size() > sizeof trie_bytes, "character map: expected more than 4 bytes, got {}", blob.size());
  std::memcpy(&trie_bytes, blob.data(), sizeof trie_bytes);
  blob.remove_prefix(sizeof trie_bytes);
  require(trie_bytes > 0 && trie_bytes % sizeof(std::uint32_t) == 0 && trie_bytes < blob.size(),
          "character map: expected a trie of whole units within {} bytes, got {} bytes", blob.size(),
          trie_bytes);
  units_.resize(trie_bytes / sizeof(std::uint32_t));
  std::memcpy(units_.data(), blob.data(), trie_bytes);
  texts_ = blob.substr(trie_bytes);
  require(texts_.back() == '\0', "character map: expected texts that end with a zero byte");
  require(utf8_prefix(texts_) == texts_.size(), "character map: expected texts in UTF-8");
}

std::optional<Charsmap::Match> Charsmap::match(std::string_view text, bool shortest) const {
  std::optional<Match> best;
  std::size_t node = offset_of(units_[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    node ^= byte;
    if (byte == 0 || node >= units_.size() || label_of(units_[node]) != byte) break;
    const std::uint32_t unit = units_[node];
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    if (node >= units_.size()) break;
    const std::size_t at = value_of(units_[node]);
    // A text begins where a character does: a damaged table must not cut one in two.
    if (at >= texts_.size() || (static_cast<unsigned char>(texts_[at]) & 0xC0) == 0x80) break;
    best = {i + 1, std::string_view(texts_.data() + at)};
    if (shortest) break;
  }
  return best;
}

}  // namespace atlas

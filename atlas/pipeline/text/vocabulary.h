// The tokens of a tokenizer and their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atlas/pipeline/text/prefix_trie.h"

namespace atlas {

using TokenId = std::int32_t;

/// Immutable once built.
class Vocabulary {
 public:
  static constexpr TokenId kNone = PrefixTrie::kNone;
  static constexpr TokenId kMostTokens = 1 << 24;

  Vocabulary() = default;
  /// Ids may leave gaps. Throws InvalidArgument on a negative id, one beyond kMostTokens, or one given twice.
  explicit Vocabulary(std::vector<std::pair<std::string, TokenId>> tokens);

  /// The largest id plus one.
  std::size_t size() const { return texts_.size(); }
  /// The id of a token, or kNone.
  TokenId id_of(std::string_view token) const { return token.empty() ? empty_ : trie_.find(token); }
  /// The token of an id, or nullptr.
  const std::string* token(TokenId id) const;
  const PrefixTrie& trie() const { return trie_; }

 private:
  std::vector<std::string> texts_;  // by id
  std::vector<bool> present_;
  TokenId empty_ = kNone;  // of the empty token, which a trie cannot hold
  PrefixTrie trie_;
};

}  // namespace atlas

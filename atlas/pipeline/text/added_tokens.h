// Tokens that are found in the text itself, before anything else is done to it.
#pragma once

#include <string>
#include <vector>

#include "atlas/base/function_ref.h"
#include "atlas/pipeline/text/prefix_trie.h"
#include "atlas/pipeline/text/token_model.h"

namespace atlas {

struct AddedToken {
  TokenId id = 0;
  std::string content;
  bool single_word = false;  // not inside of a word
  bool strips_left = false;  // takes the white space before it along
  bool strips_right = false;
  bool normalized = false;  // is sought in the normalized text
  bool special = false;     // is left out when decoding
  bool sought = true;       // is found in text
};

/// Finds some added tokens. Immutable.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;
  /// `contents[i]` is what is sought for `tokens[i]`.
  AddedTokenFinder(std::vector<AddedToken> tokens, const std::vector<std::string>& contents);

  bool empty() const { return tokens_.empty(); }

  /// Cuts `text` into parts, in order: `part(span, id)`, where id is kNone for what is between. Of tokens
  /// that start at one place the longest counts. No part is empty.
  void split(std::string_view text, FunctionRef<void(TextSpan, TokenId)> part) const;

 private:
  std::vector<AddedToken> tokens_;
  PrefixTrie trie_;
  std::array<bool, 256> starts_{};  // bytes that some token starts with
};

}  // namespace atlas

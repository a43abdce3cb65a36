// Tokens by id in a row, ids by token in a trie.
#include "atlas/pipeline/text/vocabulary.h"

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {

Vocabulary::Vocabulary(std::vector<std::pair<std::string, TokenId>> tokens) {
  TokenId largest = -1;
  for (const auto& [text, id] : tokens) {
    if (id < 0 || id >= kMostTokens)
      fail(ErrorCode::InvalidArgument, "vocabulary: expected ids from 0 to {}, got {} for '{}'",
           kMostTokens - 1, id, text);
    largest = std::max(largest, id);
  }
  // Gaps are rare; a huge id among few tokens would only take memory.
  require(static_cast<std::size_t>(largest + 1) <= 1024 + 64 * tokens.size(),
          "vocabulary: expected ids near those of {} tokens, got {}", tokens.size(), largest);
  texts_.resize(static_cast<std::size_t>(largest + 1));
  present_.resize(texts_.size());
  for (auto& [text, id] : tokens) {
    const auto at = static_cast<std::size_t>(id);
    require(!present_[at], "vocabulary: expected one token with id {}, got '{}' and '{}'", id, texts_[at],
            text);
    present_[at] = true;
    texts_[at] = std::move(text);
  }
  std::vector<PrefixTrie::Entry> entries;
  entries.reserve(tokens.size());
  for (std::size_t id = 0; id < texts_.size(); ++id) {
    if (!present_[id]) continue;
    if (texts_[id].empty()) empty_ = static_cast<TokenId>(id);
    entries.emplace_back(texts_[id], static_cast<TokenId>(id));
  }
  trie_ = PrefixTrie(std::move(entries));
}

const std::string* Vocabulary::token(TokenId id) const {
  const bool known =
      id >= 0 && static_cast<std::size_t>(id) < texts_.size() && present_[static_cast<std::size_t>(id)];
  return known ? &texts_[static_cast<std::size_t>(id)] : nullptr;
}

}  // namespace atlas

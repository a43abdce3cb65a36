// Two tries: of the tokens that start a word and of those that go on with it.
#include "atlas/base/error.h"
#include "atlas/pipeline/text/token_model.h"

namespace atlas {
namespace {

class WordPieceModel : public TokenModel {
 public:
  WordPieceModel(Vocabulary vocabulary, const std::string& prefix, TokenId unknown,
                 std::size_t most_characters)
      : vocabulary_(std::move(vocabulary)), unknown_(unknown), most_characters_(most_characters) {
    std::vector<PrefixTrie::Entry> further;
    for (TokenId id = 0; static_cast<std::size_t>(id) < vocabulary_.size(); ++id) {
      const std::string* token = vocabulary_.token(id);
      if (token != nullptr && token->starts_with(prefix))
        further.emplace_back(std::string_view(*token).substr(prefix.size()), id);
    }
    further_ = PrefixTrie(std::move(further));
  }

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void tokenize(std::string_view text, TextSpan word, std::vector<Token>& out) const override {
    const std::size_t kept = out.size();
    bool known = word.size() <= most_characters_ || character_count(text, word) <= most_characters_;
    for (std::uint32_t at = word.begin; known && at < word.end;) {
      const PrefixTrie& trie = at == word.begin ? vocabulary_.trie() : further_;
      const auto [length, id] = trie.longest_prefix(text.substr(at, word.end - at));
      known = length > 0;
      out.push_back({id, {at, at + static_cast<std::uint32_t>(length)}});
      at += static_cast<std::uint32_t>(length);
    }
    if (known) return;
    out.resize(kept);
    out.push_back({unknown_, word});
  }

 private:
  static std::size_t character_count(std::string_view text, TextSpan word) {
    std::size_t count = 0;
    for (std::size_t at = word.begin; at < word.end; ++count) next_code_point(text, at);
    return count;
  }

  Vocabulary vocabulary_;
  PrefixTrie further_;
  TokenId unknown_;
  std::size_t most_characters_;
};

class WordLevelModel : public TokenModel {
 public:
  WordLevelModel(Vocabulary vocabulary, TokenId unknown)
      : vocabulary_(std::move(vocabulary)), unknown_(unknown) {}

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void tokenize(std::string_view text, TextSpan word, std::vector<Token>& out) const override {
    TokenId id = vocabulary_.id_of(text.substr(word.begin, word.size()));
    if (id == Vocabulary::kNone) id = unknown_;
    if (id != Vocabulary::kNone) out.push_back({id, word});
  }

 private:
  Vocabulary vocabulary_;
  TokenId unknown_;
};

}  // namespace

std::unique_ptr<TokenModel> word_level_model(Vocabulary vocabulary, TokenId unknown) {
  return std::make_unique<WordLevelModel>(std::move(vocabulary), unknown);
}

std::unique_ptr<TokenModel> wordpiece_model(Vocabulary vocabulary, const std::string& prefix, TokenId unknown,
                                            std::size_t most_characters) {
  require(vocabulary.token(unknown) != nullptr, "WordPiece: expected a token for unknown words");
  return std::make_unique<WordPieceModel>(std::move(vocabulary), prefix, unknown, most_characters);
}

}  // namespace atlas

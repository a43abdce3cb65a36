// Pairs of ids are looked up in an open hash table; words are merged in place.
#include "atlas/pipeline/text/bpe.h"

#include <algorithm>
#include <array>

#include "atlas/base/error.h"
#include "atlas/pipeline/text/bpe_merge.h"
#include "atlas/pipeline/text/byte_level.h"
#include "atlas/pipeline/text/byte_tokens.h"
#include "atlas/pipeline/text/merge_table.h"

namespace atlas {
namespace {

class BpeModel : public TokenModel {
 public:
  BpeModel(Vocabulary vocabulary, const std::vector<std::pair<std::string, std::string>>& merges,
           BpeOptions options)
      : vocabulary_(std::move(vocabulary)), options_(std::move(options)), merges_(merges.size()) {
    std::uint32_t rank = 0;
    for (const auto& [left, right] : merges) {
      const TokenId left_id = vocabulary_.id_of(left), right_id = vocabulary_.id_of(right);
      const std::size_t skipped = std::min(options_.prefix.size(), right.size());
      const TokenId merged = vocabulary_.id_of(left + right.substr(skipped));
      if (left_id == Vocabulary::kNone || right_id == Vocabulary::kNone || merged == Vocabulary::kNone)
        fail(ErrorCode::InvalidArgument,
             "BPE merge {}: expected '{}' and '{}', and both together, in the vocabulary", rank, left, right);
      merges_.set(left_id, right_id, {rank++, merged});
    }
    if (options_.byte_fallback) bytes_ = byte_tokens(vocabulary_);
    if (options_.byte_level) read_byte_level();
  }

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void tokenize(std::string_view text, TextSpan word, std::vector<Token>& out) const override {
    if (options_.ignore_merges) {
      const PrefixTrie& words = options_.byte_level ? words_ : vocabulary_.trie();
      const TokenId whole = words.find(text.substr(word.begin, word.size()));
      if (whole != Vocabulary::kNone) return out.push_back({whole, word});
    }
    std::vector<BpeSymbol> symbols;
    symbols.reserve(word.size());
    if (options_.byte_level) {
      start_from_bytes(text, word, symbols);
    } else {
      start_from_characters(text, word, symbols);
    }
    merge_symbols<std::uint32_t>(symbols, [&](const BpeSymbol& left, const BpeSymbol& right) {
      return merges_.find(left.id, right.id);
    });
    for (const BpeSymbol& symbol : symbols) out.push_back({symbol.id, symbol.span});
  }

 private:
  void read_byte_level() {
    const auto& alphabet = byte_alphabet();
    for (std::size_t byte = 0; byte < 256; ++byte) {
      std::string character;
      append_utf8(character, alphabet[byte]);
      bytes_[byte] = vocabulary_.id_of(character);
    }
    if (!options_.ignore_merges) return;
    std::vector<std::string> words;
    std::vector<TokenId> ids;
    for (TokenId id = 0; static_cast<std::size_t>(id) < vocabulary_.size(); ++id) {
      const std::string* token = vocabulary_.token(id);
      if (token == nullptr) continue;
      if (std::optional<std::string> bytes = bytes_of_token(*token)) {
        words.push_back(std::move(*bytes));
        ids.push_back(id);
      }
    }
    std::vector<PrefixTrie::Entry> entries;
    for (std::size_t i = 0; i < words.size(); ++i) entries.emplace_back(words[i], ids[i]);
    words_ = PrefixTrie(std::move(entries));
  }

  void start_from_bytes(std::string_view text, TextSpan word, std::vector<BpeSymbol>& symbols) const {
    for (std::uint32_t at = word.begin; at < word.end; ++at) {
      const TokenId id = bytes_[static_cast<unsigned char>(text[at])];
      id != Vocabulary::kNone ? symbols.push_back({id, {at, at + 1}}) : add_unknown({at, at + 1}, symbols);
    }
  }

  void start_from_characters(std::string_view text, TextSpan word, std::vector<BpeSymbol>& symbols) const {
    std::string decorated;
    for (std::size_t at = word.begin; at < word.end;) {
      const std::size_t begin = at;
      next_code_point(text, at);
      const TextSpan span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)};
      std::string_view symbol = text.substr(begin, at - begin);
      if (!options_.prefix.empty() || !options_.suffix.empty()) {
        decorated = begin > word.begin ? options_.prefix : "";
        decorated += symbol;
        if (at == word.end) decorated += options_.suffix;
        symbol = decorated;
      }
      if (const TokenId id = vocabulary_.id_of(symbol); id != Vocabulary::kNone) {
        symbols.push_back({id, span});
      } else if (!add_bytes(symbol, span, symbols)) {
        add_unknown(span, symbols);
      }
    }
  }

  bool add_bytes(std::string_view symbol, TextSpan span, std::vector<BpeSymbol>& symbols) const {
    if (!options_.byte_fallback) return false;
    const auto is_known = [&](char byte) {
      return bytes_[static_cast<unsigned char>(byte)] != Vocabulary::kNone;
    };
    if (!std::ranges::all_of(symbol, is_known)) return false;
    for (std::uint32_t i = 0; i < symbol.size(); ++i) {
      const std::uint32_t at = std::min(span.begin + i, span.end - 1);
      symbols.push_back({bytes_[static_cast<unsigned char>(symbol[i])], {at, at + 1}});
    }
    return true;
  }

  void add_unknown(TextSpan span, std::vector<BpeSymbol>& symbols) const {
    if (options_.unknown == Vocabulary::kNone) return;
    const bool goes_on = options_.fuse_unknown && !symbols.empty() && symbols.back().id == options_.unknown &&
                         symbols.back().span.end == span.begin;
    if (goes_on) {
      symbols.back().span.end = span.end;
    } else {
      symbols.push_back({options_.unknown, span});
    }
  }

  Vocabulary vocabulary_;
  BpeOptions options_;
  MergeTable<std::uint32_t> merges_;
  std::array<TokenId, 256> bytes_{};  // by byte: of the byte alphabet, or those to fall back on
  PrefixTrie words_;                  // by bytes, where whole words may be tokens of a byte-level vocabulary
};

}  // namespace

std::unique_ptr<TokenModel> bpe_model(Vocabulary vocabulary,
                                      const std::vector<std::pair<std::string, std::string>>& merges,
                                      BpeOptions options) {
  require(options.unknown == Vocabulary::kNone || vocabulary.token(options.unknown) != nullptr,
          "BPE: expected the token for unknown characters in the vocabulary");
  return std::make_unique<BpeModel>(std::move(vocabulary), merges, std::move(options));
}

}  // namespace atlas

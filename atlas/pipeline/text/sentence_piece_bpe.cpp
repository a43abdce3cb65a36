// Unlike other encodings this one has no list of merges: a pair merges where its text is a piece.
#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/pipeline/text/bpe_merge.h"
#include "atlas/pipeline/text/byte_tokens.h"
#include "atlas/pipeline/text/merge_table.h"
#include "atlas/pipeline/text/sentence_piece.h"

namespace atlas {
namespace {

constexpr std::string_view kMark = "\u2581";

class SentencePieceBpe : public TokenModel {
 public:
  SentencePieceBpe(const std::vector<SentencePiece>& pieces, bool byte_fallback, bool merges)
      : pieces_(pieces), byte_fallback_(byte_fallback), merges_(merges) {
    std::vector<std::pair<std::string, TokenId>> all;
    std::vector<PrefixTrie::Entry> mergeable, fixed;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const auto id = static_cast<TokenId>(i);
      const SentencePiece& piece = pieces_[i];
      all.emplace_back(piece.text, id);
      if (piece.kind == PieceKind::Unknown) unknown_ = id;
      if (piece.kind == PieceKind::UserDefined) fixed.emplace_back(piece.text, id);
      const bool is_text = piece.kind == PieceKind::Normal || piece.kind == PieceKind::UserDefined ||
                           piece.kind == PieceKind::Unused;
      if (is_text) mergeable.emplace_back(piece.text, id);
    }
    vocabulary_ = Vocabulary(std::move(all));
    texts_ = PrefixTrie(std::move(mergeable));
    fixed_ = PrefixTrie(std::move(fixed));
    independent_ = are_parts_independent();
    if (byte_fallback_) bytes_ = byte_tokens(vocabulary_);
    require(!byte_fallback_ || std::ranges::count(bytes_, Vocabulary::kNone) == 0,
            "SentencePiece model: expected the 256 pieces <0x00> to <0xFF> with byte_fallback");
    require(byte_fallback_ || unknown_ != Vocabulary::kNone,
            "SentencePiece model: expected a piece for what is unknown");
  }

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void tokenize(std::string_view text, TextSpan word, std::vector<Token>& out) const override {
    std::vector<BpeSymbol> symbols;
    for (TextSpan part{word.begin, word.begin}; part.end < word.end; part.begin = part.end) {
      part.end = independent_ ? end_of_part(text, {part.begin, word.end}) : word.end;
      tokenize_part(text, part, symbols, out);
    }
  }

 private:
  /// Where the next mark of a space stands behind something else.
  static std::uint32_t end_of_part(std::string_view text, TextSpan rest) {
    std::size_t at = rest.begin;
    const std::string_view bytes = text.substr(0, rest.end);
    while (bytes.substr(at).starts_with(kMark)) at += kMark.size();
    return static_cast<std::uint32_t>(std::min(bytes.find(kMark, at), bytes.size()));
  }

  void tokenize_part(std::string_view text, TextSpan word, std::vector<BpeSymbol>& symbols,
                     std::vector<Token>& out) const {
    symbols.clear();
    for (std::uint32_t at = word.begin; at < word.end;) {
      BpeSymbol symbol{.span = {at, at}};
      if (const auto [length, id] = fixed_.longest_prefix(text.substr(at, word.end - at)); length > 0) {
        symbol = {id, {at, at + static_cast<std::uint32_t>(length)}, true};
      } else {
        std::size_t end = at;
        next_code_point(text, end);
        symbol.span.end = static_cast<std::uint32_t>(end);
        symbol.id = texts_.find(text.substr(at, end - at));
      }
      at = symbol.span.end;
      symbols.push_back(symbol);
    }
    if (merges_) {
      merge_symbols<float>(
          symbols, [&](const BpeSymbol& left, const BpeSymbol& right) { return merge(text, left, right); });
    }
    for (const BpeSymbol& symbol : symbols) append(text, symbol, 0, out);
  }

  /// Whether no piece goes on into what follows a space: then the parts between do not touch each other.
  bool are_parts_independent() const {
    return std::ranges::none_of(pieces_, [](const SentencePiece& piece) {
      const std::string_view text = piece.text;
      for (std::size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at + 1))
        if (at > 0 && !text.substr(0, at).ends_with(kMark)) return true;
      return false;
    });
  }

  std::optional<BpeMerge<float>> merge(std::string_view text, const BpeSymbol& left,
                                       const BpeSymbol& right) const {
    if (left.fixed || right.fixed) return std::nullopt;
    const TokenId id = texts_.find(text.substr(left.span.begin, right.span.end - left.span.begin));
    if (id == Vocabulary::kNone) return std::nullopt;
    return BpeMerge<float>{-pieces_[static_cast<std::size_t>(id)].score, id};
  }

  /// Unused pieces serve merging alone: what became one is cut into the two that it can be made of.
  void append(std::string_view text, const BpeSymbol& symbol, int depth, std::vector<Token>& out) const {
    constexpr int kDeepest = 100;
    const bool is_unused = symbol.id != Vocabulary::kNone &&
                           pieces_[static_cast<std::size_t>(symbol.id)].kind == PieceKind::Unused;
    if (symbol.id != Vocabulary::kNone && (!is_unused || depth > kDeepest))
      return out.push_back({symbol.id, symbol.span});
    if (is_unused) {
      if (const auto parts = parts_of(text, symbol.span)) {
        append(text, parts->first, depth + 1, out);
        append(text, parts->second, depth + 1, out);
        return;
      }
    }
    if (byte_fallback_) {
      for (std::uint32_t at = symbol.span.begin; at < symbol.span.end; ++at)
        out.push_back({bytes_[static_cast<unsigned char>(text[at])], symbol.span});
    } else if (!out.empty() && out.back().id == unknown_ && out.back().span.end == symbol.span.begin) {
      out.back().span.end = symbol.span.end;
    } else {
      out.push_back({unknown_, symbol.span});
    }
  }

  /// The two symbols that merging the piece by itself joined last.
  std::optional<std::pair<BpeSymbol, BpeSymbol>> parts_of(std::string_view text, TextSpan span) const {
    std::vector<BpeSymbol> symbols;
    for (std::size_t at = span.begin; at < span.end;) {
      const std::size_t begin = at;
      next_code_point(text, at);
      symbols.push_back({texts_.find(text.substr(begin, at - begin)),
                         {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)}});
    }
    if (symbols.size() < 2) return std::nullopt;
    merge_symbols<float>(symbols, [&](const BpeSymbol& left, const BpeSymbol& right) {
      const bool is_whole = left.span.begin == span.begin && right.span.end == span.end;
      return is_whole ? std::nullopt : merge(text, left, right);
    });
    if (symbols.size() != 2) return std::nullopt;
    return std::pair(symbols[0], symbols[1]);
  }

  std::vector<SentencePiece> pieces_;
  bool byte_fallback_, merges_;
  bool independent_ = false;
  Vocabulary vocabulary_;
  PrefixTrie texts_, fixed_;
  std::array<TokenId, 256> bytes_{};
  TokenId unknown_ = Vocabulary::kNone;
};

}  // namespace

std::unique_ptr<TokenModel> sentence_piece_bpe(const std::vector<SentencePiece>& pieces, bool byte_fallback,
                                               bool merges) {
  return std::make_unique<SentencePieceBpe>(pieces, byte_fallback, merges);
}

}  // namespace atlas

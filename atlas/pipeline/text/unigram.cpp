// The best path through the tokens that match at each place (Viterbi).
#include <algorithm>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/pipeline/text/byte_tokens.h"
#include "atlas/pipeline/text/token_model.h"

namespace atlas {
namespace {

constexpr double kUnknownPenalty = 10;  // below the least likely token

struct PathEnd {
  double score = 0;
  std::uint32_t begin = 0;  // of the last token on the best path to here
  TokenId id = Vocabulary::kNone;
  bool reached = false;
};

bool holds(const std::vector<bool>& set, TokenId id) {
  return static_cast<std::size_t>(id) < set.size() && set[static_cast<std::size_t>(id)];
}

class UnigramModel : public TokenModel {
 public:
  UnigramModel(std::vector<ScoredToken> tokens, UnigramOptions options) : options_(std::move(options)) {
    std::vector<std::pair<std::string, TokenId>> texts;
    std::vector<PrefixTrie::Entry> entries;
    double least = std::numeric_limits<double>::infinity();
    for (ScoredToken& token : tokens) {
      const auto id = static_cast<TokenId>(texts.size());
      scores_.push_back(token.score);
      if (!holds(options_.left_out, id) && !holds(options_.always, id)) least = std::min(least, token.score);
      texts.emplace_back(std::move(token.text), id);
    }
    for (const auto& [text, id] : texts)
      if (!holds(options_.left_out, id)) entries.emplace_back(text, id);
    trie_ = PrefixTrie(std::move(entries));
    vocabulary_ = Vocabulary(std::move(texts));
    unknown_score_ = rounded(least - kUnknownPenalty);
    if (options_.byte_fallback) {
      bytes_ = byte_tokens(vocabulary_);
      options_.byte_fallback = std::ranges::count(bytes_, Vocabulary::kNone) == 0;
    }
  }

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void tokenize(std::string_view text, TextSpan word, std::vector<Token>& out) const override {
    std::vector<PathEnd> ends(word.size() + 1);
    for (std::size_t at = 0; at < word.size();) {
      const double so_far = ends[at].score;
      std::size_t next = word.begin + at;
      next_code_point(text, next);
      const std::size_t character = next - word.begin - at;
      bool covers_character = false;
      const auto offer = [&](std::size_t length, double score, TokenId id) {
        PathEnd& end = ends[at + length];
        const double total = rounded(so_far + score);
        if (!end.reached || total > end.score) end = {total, static_cast<std::uint32_t>(at), id, true};
      };
      trie_.each_prefix(text.substr(word.begin + at, word.size() - at), [&](std::size_t length, TokenId id) {
        offer(length, score_of(id, length), id);
        covers_character |= length == character;
      });
      if (!covers_character) offer(character, unknown_score_, options_.unknown);
      at += character;
    }
    append_path(text, word, ends, out);
  }

 private:
  double rounded(double score) const {
    return options_.single_precision ? static_cast<double>(static_cast<float>(score)) : score;
  }

  double score_of(TokenId id, std::size_t length) const {
    if (holds(options_.always, id)) return rounded(0.1 * (static_cast<double>(length) - 1));
    return scores_[static_cast<std::size_t>(id)];
  }

  void append_path(std::string_view text, TextSpan word, const std::vector<PathEnd>& ends,
                   std::vector<Token>& out) const {
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    for (std::uint32_t at = word.size(); at > 0;) {
      const PathEnd& end = ends[at];
      const TextSpan span{word.begin + end.begin, word.begin + at};
      at = end.begin;
      if (end.id != options_.unknown) {
        out.push_back({end.id, span});
        continue;
      }
      const bool goes_on = out.size() > static_cast<std::size_t>(first) && out.back().id == options_.unknown;
      if (goes_on) {
        out.back().span.begin = span.begin;
      } else {
        out.push_back({options_.unknown, span});
      }
    }
    std::reverse(out.begin() + first, out.end());
    replace_unknown(text, first, out);
  }

  /// Gives unknown runs that are a token after all its id, and others their bytes, if so asked.
  void replace_unknown(std::string_view text, std::ptrdiff_t first, std::vector<Token>& out) const {
    const auto is_unknown = [&](const Token& token) { return token.id == options_.unknown; };
    if (std::none_of(out.begin() + first, out.end(), is_unknown)) return;
    std::vector<Token> tokens(out.begin() + first, out.end());
    out.resize(static_cast<std::size_t>(first));
    for (const Token& token : tokens) {
      if (!is_unknown(token)) {
        out.push_back(token);
        continue;
      }
      const std::string_view part = text.substr(token.span.begin, token.span.size());
      const TokenId whole = trie_.find(part);
      if (whole == Vocabulary::kNone && options_.byte_fallback) {
        for (const char byte : part) out.push_back({bytes_[static_cast<unsigned char>(byte)], token.span});
        continue;
      }
      const TokenId id = whole != Vocabulary::kNone ? whole : options_.unknown;
      if (id == Vocabulary::kNone)
        fail(ErrorCode::InvalidArgument,
             "tokenizer: expected characters of its vocabulary, got '{}' (it has no token for unknown ones)",
             part);
      out.push_back({id, token.span});
    }
  }

  UnigramOptions options_;
  Vocabulary vocabulary_;
  PrefixTrie trie_;
  std::vector<double> scores_;
  std::array<TokenId, 256> bytes_{};
  double unknown_score_ = 0;
};

}  // namespace

std::unique_ptr<TokenModel> unigram_model(std::vector<ScoredToken> tokens, UnigramOptions options) {
  require(!tokens.empty() && tokens.size() <= Vocabulary::kMostTokens,
          "unigram model: expected 1 to {} tokens, got {}", Vocabulary::kMostTokens, tokens.size());
  require(options.unknown < static_cast<TokenId>(tokens.size()),
          "unigram model: expected the unknown token among {} tokens, got {}", tokens.size(),
          options.unknown);
  return std::make_unique<UnigramModel>(std::move(tokens), std::move(options));
}

}  // namespace atlas

// How a tokenizer cuts one word into tokens of its vocabulary.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/pipeline/text/aligned_text.h"
#include "atlas/pipeline/text/vocabulary.h"

namespace atlas {

struct Token {
  TokenId id = 0;
  TextSpan span;  // bytes of the text that holds the word
};

/// Immutable: any number of threads may use one.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  virtual const Vocabulary& vocabulary() const = 0;
  /// Appends the tokens of the bytes `word` of `text`, which are never none.
  virtual void tokenize(std::string_view text, TextSpan word, std::vector<Token>& out) const = 0;
};

/// Words as a whole; those that the vocabulary lacks are `unknown`, which may be kNone: then they are left
/// out.
std::unique_ptr<TokenModel> word_level_model(Vocabulary vocabulary, TokenId unknown);

/// The longest token at the word's start, then the longest of those with `prefix` before what is left, and so
/// on (Wu et al. 2016). A word of more than `most_characters`, or one that leaves a rest, is `unknown`.
std::unique_ptr<TokenModel> wordpiece_model(Vocabulary vocabulary, const std::string& prefix, TokenId unknown,
                                            std::size_t most_characters);

struct ScoredToken {
  std::string text;
  double score;
};

struct UnigramOptions {
  TokenId unknown = Vocabulary::kNone;  // none: a text that needs it is an error
  bool byte_fallback = false;           // an unknown character becomes its bytes' tokens <0x00> to <0xFF>
  bool single_precision = false;        // scores add up as floats, which decides between near equals
  std::vector<bool> left_out;           // by id: tokens that no text becomes; may be shorter
  std::vector<bool> always;             // by id: tokens that are taken whatever their score; may be shorter
};

/// The likeliest sequence of tokens, ids by position (Kudo 2018). Neighbouring unknown characters are one
/// token.
std::unique_ptr<TokenModel> unigram_model(std::vector<ScoredToken> tokens, UnigramOptions options);

}  // namespace atlas

// Text to the tokens of a model, and back.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "atlas/pipeline/text/added_tokens.h"
#include "atlas/pipeline/text/decoder.h"
#include "atlas/pipeline/text/encoding.h"
#include "atlas/pipeline/text/normalizer.h"
#include "atlas/pipeline/text/post_processor.h"
#include "atlas/pipeline/text/pre_tokenizer.h"
#include "atlas/pipeline/text/token_model.h"

namespace atlas {

/// What a tokenizer is made of. Only the model must be there.
struct TokenizerParts {
  std::vector<Normalizer> normalizers;
  std::vector<PreTokenizer> pre_tokenizers;
  std::unique_ptr<TokenModel> model;
  std::vector<AddedToken> added_tokens;
  PostProcessor post_processor;
  std::vector<Decoder> decoders;  // none: tokens with spaces between
  std::optional<Truncation> truncation;
  std::optional<Padding> padding;
};

/// Immutable but for `truncation` and `padding`: any number of threads may encode and decode at once.
class Tokenizer {
 public:
  static constexpr std::size_t kMostTextBytes = std::size_t{1} << 26;

  explicit Tokenizer(TokenizerParts parts);

  /// The tokens of one text, or of two, with the special ones around them unless `special` is false,
  /// truncated but not padded. Throws InvalidArgument where a text is no UTF-8 or more than kMostTextBytes.
  Encoding encode(std::string_view text, bool special = true) const;
  Encoding encode_pair(std::string_view first, std::string_view second, bool special = true) const;
  /// The tokens of many texts, padded where the tokenizer pads.
  std::vector<Encoding> encode_batch(std::span<const std::string> texts, bool special = true) const;

  /// The text of tokens, without special ones where `skip_special`. Ids that are no token's are left out.
  std::string decode(std::span<const TokenId> ids, bool skip_special = true) const;

  /// The largest id plus one.
  std::size_t size() const { return size_; }
  /// A token's text, or nullptr.
  const std::string* token(TokenId id) const;
  /// A token's id, or Vocabulary::kNone.
  TokenId id_of(std::string_view token) const;

  std::optional<Truncation> truncation;
  std::optional<Padding> padding;

 private:
  Encoding tokens_of(std::string_view text) const;
  void append_tokens(AlignedText text, Encoding& out) const;
  void trim(Encoding& encoding, std::string_view text) const;
  Encoding encode_texts(std::string_view first, std::optional<std::string_view> second, bool special) const;

  TokenizerParts parts_;
  AddedTokenFinder in_raw_text_, in_normalized_text_;
  std::unordered_map<TokenId, std::size_t> added_by_id_;
  std::unordered_map<std::string_view, TokenId> added_by_text_;
  std::size_t size_ = 0;
};

}  // namespace atlas

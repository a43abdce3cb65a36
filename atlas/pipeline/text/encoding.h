// The tokens of a text as models take them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "atlas/pipeline/text/aligned_text.h"
#include "atlas/pipeline/text/vocabulary.h"

namespace atlas {

/// One entry per token in each list.
struct Encoding {
  std::vector<TokenId> ids;
  std::vector<std::int32_t> type_ids;  // 0 for the first text, 1 for the second, where the tokenizer says so
  std::vector<TextSpan> offsets;       // bytes of the text; empty for tokens that come from none
  std::vector<std::uint8_t> attention_mask;  // 0 for padding
  std::vector<std::uint8_t> special_mask;    // 1 for tokens that come from no text

  std::size_t size() const { return ids.size(); }
  void add(TokenId id, std::int32_t type_id, TextSpan offset, bool is_special);
  /// Keeps `count` tokens, of the right end with `from_left`.
  void truncate(std::size_t count, bool from_left);
};

struct Truncation {
  enum class Strategy : unsigned char { LongestFirst, OnlyFirst, OnlySecond };
  std::size_t most_tokens = 512;  // special ones among them
  Strategy strategy = Strategy::LongestFirst;
  bool from_left = false;
};

struct Padding {
  std::size_t length = 0;       // 0: that of the longest
  std::size_t multiple_of = 0;  // 0: any length
  bool on_left = false;
  TokenId id = 0;
  std::int32_t type_id = 0;
};

/// Shortens one text's tokens, or two's, so that `added` more fit. Throws InvalidArgument where they cannot.
void truncate(Encoding& first, Encoding* second, std::size_t added, const Truncation& truncation);

/// Makes all encodings equally long. Longer ones stay as they are.
void pad(std::span<Encoding> encodings, const Padding& padding);

}  // namespace atlas

// What tokenizers put around the tokens of a text or of two.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "atlas/pipeline/text/encoding.h"

namespace atlas {

/// Part of a template: the tokens of one of the texts, or special ones.
struct TemplatePiece {
  enum class What : unsigned char { First, Second, Special };
  What what = What::First;
  std::int32_t type_id = 0;
  std::vector<TokenId> ids;  // of special ones
};

struct PostProcessor {
  std::vector<TemplatePiece> single{{TemplatePiece::What::First, 0, {}}};
  std::vector<TemplatePiece> pair{{TemplatePiece::What::First, 0, {}}, {TemplatePiece::What::Second, 1, {}}};
  /// Where byte-level tokens hold white space at their ends, offsets leave it out.
  bool trims_offsets = false;
  bool space_was_prepended = false;  // then the first token's space is none of the text

  /// How many special tokens surround one text, or two.
  std::size_t added_count(bool is_pair) const;
  /// The tokens of one text, or two, with the special ones around them.
  Encoding apply(Encoding first, std::optional<Encoding> second) const;
};

}  // namespace atlas

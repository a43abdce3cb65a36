// What tokenizers do to a text before they cut it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atlas/pipeline/text/aligned_text.h"
#include "atlas/pipeline/text/charsmap.h"
#include "atlas/pipeline/text/pattern.h"

namespace atlas {

/// Rewrites a text; what it appends or replaces keeps its source.
using Normalizer = std::function<void(AlignedText&)>;

struct BertNormalizerOptions {
  bool clean_text = true;            // drops control characters, makes every white space a space
  bool handle_chinese_chars = true;  // puts spaces around ideographs
  bool strip_accents = true;
  bool lowercase = true;
};
Normalizer bert_normalizer(BertNormalizerOptions options);

enum class NormalForm { Nfc, Nfd, Nfkc, Nfkd };
Normalizer normal_form(NormalForm form);

Normalizer lower_caser();
/// Drops nonspacing marks. Decompose first to strip accents of letters.
Normalizer accent_stripper();
/// Drops white space at the ends.
Normalizer stripper(bool left, bool right);
/// Puts `text` before a text that is not empty.
Normalizer prepender(std::string text);
Normalizer replacer(Pattern pattern, std::string content);
/// SentencePiece's rule for machine translation: drops control characters, makes others spaces.
Normalizer nmt_normalizer();
/// By a compiled table, grapheme by grapheme, as the reference does.
Normalizer charsmap_normalizer(Charsmap charsmap);

}  // namespace atlas

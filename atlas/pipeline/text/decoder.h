// How tokens become text again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atlas/pipeline/text/pattern.h"

namespace atlas {

/// Rewrites the pieces of a text, tokens at first; the pieces in a row are the text.
using Decoder = std::function<void(std::vector<std::string>&)>;

/// Pieces out of the byte alphabet into one text, bytes that are no UTF-8 as U+FFFD.
Decoder byte_level_decoder();
/// Takes `prefix` off pieces that go on with a word and puts a space before others. `cleanup` takes it away
/// again before punctuation and English contractions.
Decoder wordpiece_decoder(std::string prefix, bool cleanup);
/// `mark` becomes a space, but goes at the start of a text where tokenizing puts one there.
Decoder metaspace_decoder(std::string mark, bool drops_first);
/// `suffix` becomes a space, but goes at the end.
Decoder bpe_decoder(std::string suffix);
/// Runs of the tokens <0x00> to <0xFF> become their text, or one U+FFFD per byte where that is no UTF-8.
Decoder byte_fallback_decoder();
/// All pieces become one.
Decoder fuser();
/// Takes up to `left` and `right` times `what`, one character, off the ends of each piece.
Decoder strip_decoder(std::string what, std::size_t left, std::size_t right);
Decoder replace_decoder(Pattern pattern, std::string content);

}  // namespace atlas

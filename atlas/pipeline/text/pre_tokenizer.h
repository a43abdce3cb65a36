// How tokenizers cut a text into words before the model cuts words into tokens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atlas/pipeline/text/aligned_text.h"
#include "atlas/pipeline/text/pattern.h"

namespace atlas {

/// A text and those parts of it that are words, in order.
struct Words {
  AlignedText text;
  std::vector<TextSpan> spans;
};

/// Cuts each word further; may rewrite the text.
using PreTokenizer = std::function<void(Words&)>;

/// What becomes of the separators between words.
enum class Separators { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// Cuts at white space, which goes, and around each punctuation character.
PreTokenizer bert_pre_tokenizer();
PreTokenizer white_space_splitter();
/// Runs of letters, digits and underscores, and runs of what is neither those nor white space.
PreTokenizer word_splitter();
PreTokenizer punctuation_splitter(Separators separators);
/// Cuts numbers out, as a whole or each digit.
PreTokenizer digit_splitter(bool individual);
/// `invert`: what does not match separates.
PreTokenizer pattern_splitter(Pattern pattern, Separators separators, bool invert);
/// Puts a space before each word that has none.
PreTokenizer space_prepender();

enum class Prepend { Always, First, Never };
/// SentencePiece's way: every space becomes `mark`, one is put before a word by `prepend`, and with `split` a
/// mark starts a word.
PreTokenizer metaspace(std::string mark, Prepend prepend, bool split);

}  // namespace atlas

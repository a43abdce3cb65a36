// SentencePiece's models (.model files).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atlas/pipeline/text/tokenizer.h"

namespace atlas {

enum class PieceKind : unsigned char {
  Normal = 1,
  Unknown = 2,
  Control = 3,
  UserDefined = 4,
  Unused = 5,
  Byte = 6
};

struct SentencePiece {
  std::string text;
  float score = 0;
  PieceKind kind = PieceKind::Normal;
};

/// What a .model file holds of what tokenizing needs.
struct SentencePieceModel {
  enum class Kind : unsigned char { Unigram = 1, Bpe = 2, Word = 3, Char = 4 };

  std::vector<SentencePiece> pieces;
  Kind kind = Kind::Unigram;
  bool byte_fallback = false;
  bool space_as_suffix = false;
  std::string unknown_surface = " \u2047 ";
  std::string charsmap;  // empty: none
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

/// Throws InvalidArgument where `bytes` are none. `where` names them in messages.
SentencePieceModel parse_sentence_piece(std::string_view bytes, const std::string& where);

/// The tokenizer of a model. It adds no special tokens, as SentencePiece by itself does not.
Tokenizer sentence_piece_tokenizer(SentencePieceModel model);

/// SentencePiece's normalizer: replacements by the longest match, runs of spaces made one, spaces marked.
Normalizer sentence_piece_normalizer(const SentencePieceModel& model);

/// Pairs of neighbours become a piece of the vocabulary, the best score first; `unknown` for what is left
/// over.
std::unique_ptr<TokenModel> sentence_piece_bpe(const std::vector<SentencePiece>& pieces, bool byte_fallback,
                                               bool merges);

}  // namespace atlas

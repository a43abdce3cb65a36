// A normalizer, a model and a decoder make a tokenizer out of a .model file.
#include "atlas/pipeline/text/sentence_piece.h"

#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr std::string_view kMark = "\u2581";

std::unique_ptr<TokenModel> unigram_of(const SentencePieceModel& model) {
  std::vector<ScoredToken> tokens;
  UnigramOptions options{.byte_fallback = model.byte_fallback, .single_precision = true};
  for (const SentencePiece& piece : model.pieces) {
    require(std::isfinite(piece.score), "piece '{}': expected a finite score", piece.text);
    if (piece.kind == PieceKind::Unknown) options.unknown = static_cast<TokenId>(tokens.size());
    options.left_out.push_back(piece.kind != PieceKind::Normal && piece.kind != PieceKind::UserDefined);
    options.always.push_back(piece.kind == PieceKind::UserDefined);
    tokens.push_back({piece.text, piece.score});
  }
  require(options.unknown != Vocabulary::kNone, "expected a piece for what is unknown");
  return unigram_model(std::move(tokens), std::move(options));
}

void replace_marks(std::string& piece) {
  for (std::size_t at = piece.find(kMark); at != std::string::npos; at = piece.find(kMark, at + 1))
    piece.replace(at, kMark.size(), " ");
}

/// Marks become spaces; those at the start go: one, or all where the normalizer removes them.
Decoder space_decoder(const SentencePieceModel& model, std::string unknown) {
  const bool drops = model.add_dummy_prefix || model.remove_extra_whitespaces;
  const bool drops_all = model.remove_extra_whitespaces;
  return [=, surface = model.unknown_surface](std::vector<std::string>& pieces) {
    bool at_start = drops;
    bool has_text = false;
    for (std::string& piece : pieces) {
      if (piece == unknown) {
        piece = surface;
      } else {
        if (at_start && !has_text && piece.starts_with(kMark)) {
          piece.erase(0, kMark.size());
          at_start = drops_all;
        }
        replace_marks(piece);
      }
      has_text |= !piece.empty();
    }
  };
}

}  // namespace

Tokenizer sentence_piece_tokenizer(SentencePieceModel model) {
  using Kind = SentencePieceModel::Kind;
  if (model.kind == Kind::Word)
    fail(ErrorCode::Unsupported, "SentencePiece model: expected type unigram, bpe or char, got word");
  TokenizerParts parts;
  parts.normalizers.push_back(sentence_piece_normalizer(model));
  parts.model = model.kind == Kind::Unigram
                    ? unigram_of(model)
                    : sentence_piece_bpe(model.pieces, model.byte_fallback, model.kind == Kind::Bpe);
  std::string unknown;
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    const SentencePiece& piece = model.pieces[id];
    if (piece.kind == PieceKind::Unknown) unknown = piece.text;
    // Control pieces never come from text.
    if (piece.kind == PieceKind::Control)
      parts.added_tokens.push_back(
          {.id = static_cast<TokenId>(id), .content = piece.text, .special = true, .sought = false});
  }
  parts.decoders = {byte_fallback_decoder(), space_decoder(model, unknown)};
  return Tokenizer(std::move(parts));
}

}  // namespace atlas

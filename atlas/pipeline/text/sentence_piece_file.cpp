// The fields of SentencePiece's published protobuf schema that matter here; others are skipped.
#include "atlas/base/error.h"
#include "atlas/formats/onnx/wire.h"
#include "atlas/pipeline/text/sentence_piece.h"

namespace atlas {
namespace {

SentencePiece read_piece(std::string_view bytes) {
  onnx::Message message(bytes);
  SentencePiece out;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        out.text = message.text();
        break;
      case 2:
        out.score = message.real();
        break;
      case 3: {
        const auto kind = message.integer();
        require(kind >= 1 && kind <= 6, "piece '{}': expected a type from 1 to 6, got {}", out.text, kind);
        out.kind = static_cast<PieceKind>(kind);
        break;
      }
      default:
        message.skip();
    }
  }
  require(!out.text.empty() && out.text.size() < 8000, "expected pieces of 1 to 7999 bytes, got one of {}",
          out.text.size());
  require(utf8_prefix(out.text) == out.text.size(), "expected pieces in UTF-8");
  return out;
}

void read_trainer(std::string_view bytes, SentencePieceModel& out) {
  onnx::Message message(bytes);
  while (message.next()) {
    switch (message.field()) {
      case 3: {
        const auto kind = message.integer();
        require(kind >= 1 && kind <= 4, "expected a model type from 1 to 4, got {}", kind);
        out.kind = static_cast<SentencePieceModel::Kind>(kind);
        break;
      }
      case 24:
        out.space_as_suffix = message.integer() != 0;
        break;
      case 35:
        out.byte_fallback = message.integer() != 0;
        break;
      case 44:
        out.unknown_surface = message.text();
        break;
      default:
        message.skip();
    }
  }
  require(utf8_prefix(out.unknown_surface) == out.unknown_surface.size(),
          "expected the unknown surface in UTF-8");
}

void read_normalizer(std::string_view bytes, SentencePieceModel& out) {
  onnx::Message message(bytes);
  while (message.next()) {
    switch (message.field()) {
      case 2:
        out.charsmap = message.text();
        break;
      case 3:
        out.add_dummy_prefix = message.integer() != 0;
        break;
      case 4:
        out.remove_extra_whitespaces = message.integer() != 0;
        break;
      case 5:
        out.escape_whitespaces = message.integer() != 0;
        break;
      default:
        message.skip();
    }
  }
}

}  // namespace

SentencePieceModel parse_sentence_piece(std::string_view bytes, const std::string& where) {
  return within([&] { return where; },
                [&] {
                  SentencePieceModel out;
                  onnx::Message message(bytes);
                  while (message.next()) {
                    switch (message.field()) {
                      case 1:
                        out.pieces.push_back(read_piece(message.bytes()));
                        require(out.pieces.size() <= Vocabulary::kMostTokens, "expected at most {} pieces",
                                Vocabulary::kMostTokens);
                        break;
                      case 2:
                        read_trainer(message.bytes(), out);
                        break;
                      case 3:
                        read_normalizer(message.bytes(), out);
                        break;
                      default:
                        message.skip();
                    }
                  }
                  require(!out.pieces.empty(), "expected a SentencePiece model, got no pieces");
                  return out;
                });
}

}  // namespace atlas

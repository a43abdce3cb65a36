// The first character that is no white space tells JSON from protobuf.
#include "atlas/pipeline/text/tokenizer_file.h"

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/pipeline/text/sentence_piece.h"
#include "atlas/pipeline/text/tokenizer_json.h"

namespace atlas {

Tokenizer parse_tokenizer(std::string_view bytes, const std::string& where) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && bytes[first] == '{') return parse_tokenizer_json(bytes, where);
  SentencePieceModel model = parse_sentence_piece(bytes, where);
  return within([&] { return where; }, [&] { return sentence_piece_tokenizer(std::move(model)); });
}

Tokenizer read_tokenizer(const std::filesystem::path& path) {
  return parse_tokenizer(read_text(path, std::size_t{1} << 27), path.string());
}

}  // namespace atlas

// Tokenizers out of files, whatever kind they are.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "atlas/pipeline/text/tokenizer.h"

namespace atlas {

/// A tokenizer.json, known by its first character, or else a SentencePiece model. `where` opens messages.
/// Throws InvalidArgument and Unsupported.
Tokenizer parse_tokenizer(std::string_view bytes, const std::string& where);

/// The same from a file. Throws NotFound, Io, ResourceExhausted where it is larger than 128 MiB too.
Tokenizer read_tokenizer(const std::filesystem::path& path);

}  // namespace atlas

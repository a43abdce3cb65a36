// Tokenizers out of files, whatever kind they are.
#pragma once

#include <filesystem>

#include "atlas/pipeline/text/tokenizer.h"

namespace atlas {

/// A tokenizer.json, known by its first character, or else a SentencePiece model. Throws NotFound, Io,
/// ResourceExhausted where the file is larger than 128 MiB, InvalidArgument and Unsupported.
Tokenizer read_tokenizer(const std::filesystem::path& path);

}  // namespace atlas

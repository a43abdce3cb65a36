// The tokens <0x00> to <0xFF> that stand for single bytes.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "atlas/pipeline/text/vocabulary.h"

namespace atlas {

/// Their ids; kNone for those that the vocabulary lacks.
std::array<TokenId, 256> byte_tokens(const Vocabulary& vocabulary);

/// The byte that a token stands for, if it is one of them.
std::optional<unsigned char> byte_of_token(std::string_view token);

}  // namespace atlas

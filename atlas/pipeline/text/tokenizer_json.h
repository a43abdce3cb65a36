// Tokenizers out of Hugging Face's tokenizer.json.
#pragma once

#include <string>
#include <string_view>

#include "atlas/pipeline/text/tokenizer.h"

namespace atlas {

/// The tokenizer that `text` describes. `where` names it in messages. Throws InvalidArgument where it is
/// none, Unsupported where it has a part of a kind that Atlas does not know.
Tokenizer parse_tokenizer_json(std::string_view text, const std::string& where);

}  // namespace atlas

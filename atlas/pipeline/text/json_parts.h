// The parts of a tokenizer as tokenizer.json spells them.
#pragma once

#include <string_view>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/base/json.h"
#include "atlas/pipeline/text/tokenizer.h"

namespace atlas {

/// Each appends what one object, or the sequence in it, stands for. `vocabulary` tells whether tokens are
/// there.
void append_normalizers(const Json& json, std::vector<Normalizer>& out);
/// Sets `byte_level` where the last one writes words in the byte alphabet, which the model then does itself.
void append_pre_tokenizers(const Json& json, std::vector<PreTokenizer>& out, bool& byte_level);
void append_decoders(const Json& json, std::vector<Decoder>& out);
void apply_post_processor(const Json& json, PostProcessor& out);
std::unique_ptr<TokenModel> model_of_json(const Json& json, bool byte_level);

/// What objects of a tokenizer.json hold, with a default for members that are absent or null.
bool flag(const Json& json, std::string_view key, bool otherwise);
std::string text(const Json& json, std::string_view key, const std::string& otherwise);
/// {"String": ...} or {"Regex": ...}.
Pattern pattern(const Json& json);

/// Calls `append` for each item of the sequence under `key`. Sequences in sequences are refused beyond a
/// depth.
template <typename Append>
void each_of_sequence(const Json& json, std::string_view key, Append append) {
  const Json::Items& items = json.at(key).items();
  constexpr std::size_t kMost = 64;
  require(items.size() <= kMost, "sequence: expected at most {} parts, got {}", kMost, items.size());
  for (const Json& item : items) append(item);
}

[[noreturn]] void unknown_kind(std::string_view what, std::string_view kind, std::string_view known);

}  // namespace atlas

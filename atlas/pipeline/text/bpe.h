// Byte-pair encoding as tokenizer.json files have it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atlas/pipeline/text/token_model.h"

namespace atlas {

struct BpeOptions {
  TokenId unknown = Vocabulary::kNone;  // none: unknown characters are left out
  bool fuse_unknown = false;            // neighbouring unknown characters are one token
  bool byte_fallback = false;           // an unknown character becomes its bytes' tokens <0x00> to <0xFF>
  bool ignore_merges = false;           // a word that is a token is that token
  bool byte_level = false;              // tokens are written in the byte alphabet (byte_level.h)
  std::string prefix;                   // of every symbol but a word's first
  std::string suffix;                   // of a word's last symbol
};

/// Starts from single characters (bytes, with `byte_level`) and merges neighbours, the earliest of `merges`
/// first (Sennrich et al. 2016). Throws InvalidArgument where a merge is made of, or makes, no token.
std::unique_ptr<TokenModel> bpe_model(Vocabulary vocabulary,
                                      const std::vector<std::pair<std::string, std::string>>& merges,
                                      BpeOptions options);

}  // namespace atlas

// Texts to vectors by an encoder and its tokenizer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "atlas/pipeline/text/tokenizer.h"
#include "atlas/run/session.h"

namespace atlas {

enum class Pooling { Mean, First };

struct EmbedderOptions {
  std::size_t most_tokens = 256;  // of a text, special ones among them; what is beyond is left out
  Pooling pooling = Pooling::Mean;
  bool normalize = true;  // to length 1
  // In one run of the model. Models that choose 8-bit scales as they run choose one for all texts of a run,
  // so that a vector depends on its neighbours: those want 1.
  std::size_t most_texts = 16;
};

/// Any number of threads may use one.
class TextEmbedder {
 public:
  /// `session`, which must outlive it, takes input_ids and, where it has them, attention_mask and
  /// token_type_ids, all I64 [batch, tokens]. Throws InvalidArgument where it has other inputs.
  TextEmbedder(const Session& session, Tokenizer tokenizer, EmbedderOptions options);

  /// A vector per text. The model's first output is F32 [batch, tokens, size], which is pooled, or [batch,
  /// size].
  std::vector<std::vector<float>> embed(std::span<const std::string> texts) const;

 private:
  std::vector<std::vector<float>> embed_batch(std::span<const Encoding> batch) const;

  const Session& session_;
  Tokenizer tokenizer_;
  EmbedderOptions options_;
};

}  // namespace atlas

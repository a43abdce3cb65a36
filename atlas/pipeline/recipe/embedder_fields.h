// What tasks on the meaning of texts say about the model that makes vectors.
#pragma once

#include <string>
#include <vector>

#include "atlas/pipeline/recipe/fields.h"
#include "atlas/pipeline/recipe/recipe_files.h"
#include "atlas/pipeline/text/embedder.h"

namespace atlas {

struct EmbedderSettings {
  std::string model;
  std::string tokenizer;
  std::int64_t most_tokens = 256;
  std::int64_t most_texts = 16;
  EmbedderOptions options;
};

/// `embedder`: model, tokenizer, most_tokens, most_texts, pooling, normalize.
void declare_embedder(Fields& fields, EmbedderSettings& settings);

TextEmbedder open_embedder(const EmbedderSettings& settings, RecipeFiles& files);

/// The lines of a text that hold more than white space. Throws InvalidArgument where there are none, or more
/// than `most`.
std::vector<std::string> lines_with_text(const std::string& text, std::size_t most);

}  // namespace atlas

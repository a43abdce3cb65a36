// One section, the same in every task that embeds.
#include "atlas/pipeline/recipe/embedder_fields.h"

#include "atlas/base/error.h"
#include "atlas/pipeline/text/tokenizer_file.h"

namespace atlas {

void declare_embedder(Fields& fields, EmbedderSettings& settings) {
  fields.section({"embedder", "Makes a vector of a text"}, [&](Fields& inner) {
    inner.file(
        {"model", "From input_ids, attention_mask and token_type_ids [batch, tokens] to hidden states"},
        settings.model);
    inner.file({"tokenizer", "A tokenizer.json or a SentencePiece model"}, settings.tokenizer);
    inner.integer({"most_tokens", "What is beyond is left out", true}, settings.most_tokens, 2, 1 << 20);
    inner.choice({"pooling", "The mean of a text's tokens, or the first token", true},
                 settings.options.pooling, {{"mean", Pooling::Mean}, {"first", Pooling::First}});
    inner.integer({"most_texts",
                   "In one run; 1 for models that are quantised as they run, so that texts stay apart", true},
                  settings.most_texts, 1, 1024);
    inner.boolean({"normalize", "To length 1", true}, settings.options.normalize);
  });
}

TextEmbedder open_embedder(const EmbedderSettings& settings, RecipeFiles& files) {
  EmbedderOptions options = settings.options;
  options.most_tokens = static_cast<std::size_t>(settings.most_tokens);
  options.most_texts = static_cast<std::size_t>(settings.most_texts);
  return TextEmbedder(files.open(settings.model), read_tokenizer(files.find(settings.tokenizer)), options);
}

std::vector<std::string> lines_with_text(const std::string& text, std::size_t most) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t first = text.find_first_not_of(" \t\r", begin);
    if (first < end) out.push_back(text.substr(first, text.find_last_not_of(" \t\r", end - 1) + 1 - first));
    begin = end + 1;
  }
  require(!out.empty(), "text: expected a line or more, got none");
  if (out.size() > most)
    fail(ErrorCode::ResourceExhausted, "text: expected at most {} lines, got {}", most, out.size());
  return out;
}

}  // namespace atlas

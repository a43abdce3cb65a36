// Transformers by their sizes: encoders and decoders, as layers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/base/json.h"
#include "atlas/plan/layer.h"

namespace atlas {

struct Transformer {
  std::string name;
  double layers = 0;
  double hidden = 0;
  double heads = 0;
  double kv_heads = 0;
  double head_dim = 0;
  double ffn = 0;
  double vocabulary = 0;
  double positions = 0;  // learned ones; 0: they are computed
  double window = 0;     // keys that a query sees at most; 0: all
  double experts = 1;    // feed-forward blocks to choose from, and how many a token goes through
  double experts_chosen = 1;
  bool causal = true;
  bool gated = false;  // the feed-forward block has a second product, which scales the first
  bool tied = true;    // the output's weights are those of the embedding
  bool biased = true;

  /// Learned numbers of one of the layers, of embeddings and output, of all.
  double layer_parameters() const;
  double end_parameters() const;
  double parameters() const { return layers * layer_parameters() + end_parameters(); }
};

/// bert-base, bert-large, gpt2, gpt3-175b, llama-3-8b, ...
std::vector<std::string> transformer_names();
std::optional<Transformer> transformer_named(std::string_view name);

/// Out of a Hugging Face config.json: bert, roberta, gpt2, gpt_neox, opt, llama, mistral, mixtral, qwen2,
/// gemma, phi, falcon and whatever else names its sizes alike. Throws InvalidArgument "where: expected ...".
Transformer transformer_from_config(const Json& config, const std::string& where);

/// What one chip computes for `batch` sequences of `tokens` new tokens each, behind `past` ones in the cache.
struct Passage {
  double batch = 1;
  double tokens = 1;
  double past = 0;
  double predicted = 1;  // share of the tokens of which the next, or the hidden one, is predicted
  double tensor_parallel = 1;
  bool sequence_parallel = false;  // norms and residuals are spread over the chips of a tensor, too
};

/// The layers of the stack, counts for all of it; and embeddings, last norm and output.
Network transformer_stack(const Transformer& model, const Passage& passage);
Network transformer_ends(const Transformer& model, const Passage& passage);

}  // namespace atlas

// Transformers that are known by name, and those that a config.json describes.
#include <algorithm>
#include <array>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/plan/transformer.h"

namespace atlas {
namespace {

struct Known {
  std::string_view name;
  double layers, hidden, heads, kv_heads, ffn, vocabulary, positions;
  bool causal;
};

// BERT: Devlin et al., 2018 (the 30,522 words of its vocabulary; 512 positions and 2 segments). GPT-3: Brown
// et al., 2020, table 2.1. Megatron: Korthikanti et al., 2022, table 3.
constexpr Known kClassic[] = {
    {"bert-base", 12, 768, 12, 12, 3072, 30522, 514, false},
    {"bert-large", 24, 1024, 16, 16, 4096, 30522, 514, false},
    {"bert-6-layers", 6, 768, 12, 12, 3072, 30522, 514, false},
    {"bert-4-layers", 4, 312, 12, 12, 1200, 30522, 514, false},
    {"gpt2", 12, 768, 12, 12, 3072, 50257, 1024, true},
    {"gpt2-medium", 24, 1024, 16, 16, 4096, 50257, 1024, true},
    {"gpt2-large", 36, 1280, 20, 20, 5120, 50257, 1024, true},
    {"gpt2-xl", 48, 1600, 25, 25, 6400, 50257, 1024, true},
    {"gpt3-125m", 12, 768, 12, 12, 3072, 50257, 2048, true},
    {"gpt3-1.3b", 24, 2048, 16, 16, 8192, 50257, 2048, true},
    {"gpt3-6.7b", 32, 4096, 32, 32, 16384, 50257, 2048, true},
    {"gpt3-13b", 40, 5120, 40, 40, 20480, 50257, 2048, true},
    {"gpt3-175b", 96, 12288, 96, 96, 49152, 50257, 2048, true},
    {"megatron-22b", 48, 6144, 64, 64, 24576, 51200, 2048, true},
    {"megatron-175b", 96, 12288, 96, 96, 49152, 51200, 2048, true},
    {"megatron-530b", 105, 20480, 128, 128, 81920, 51200, 2048, true},
    {"megatron-1t", 128, 25600, 160, 160, 102400, 51200, 2048, true},
};

// Touvron et al., 2023; Llama Team, 2024; Jiang et al., 2023 and 2024.
constexpr Known kGated[] = {
    {"llama-7b", 32, 4096, 32, 32, 11008, 32000, 0, true},
    {"llama-13b", 40, 5120, 40, 40, 13824, 32000, 0, true},
    {"llama-2-7b", 32, 4096, 32, 32, 11008, 32000, 0, true},
    {"llama-2-13b", 40, 5120, 40, 40, 13824, 32000, 0, true},
    {"llama-2-70b", 80, 8192, 64, 8, 28672, 32000, 0, true},
    {"llama-3-8b", 32, 4096, 32, 8, 14336, 128256, 0, true},
    {"llama-3-70b", 80, 8192, 64, 8, 28672, 128256, 0, true},
    {"llama-3-405b", 126, 16384, 128, 8, 53248, 128256, 0, true},
    {"mistral-7b", 32, 4096, 32, 8, 14336, 32000, 0, true},
};

Transformer of(const Known& known, bool gated) {
  Transformer model;
  model.name = known.name;
  model.layers = known.layers;
  model.hidden = known.hidden;
  model.heads = known.heads;
  model.kv_heads = known.kv_heads;
  model.head_dim = known.hidden / known.heads;
  model.ffn = known.ffn;
  model.vocabulary = known.vocabulary;
  model.positions = known.positions;
  model.causal = known.causal;
  model.gated = gated;
  model.tied = !gated;
  model.biased = !gated;
  return model;
}

class Config {
 public:
  Config(const Json& json, const std::string& where) : json_(json), where_(where) {}

  // The first of the names that is there, or `otherwise`; NaN: there must be one.
  double size(std::initializer_list<std::string_view> names, double otherwise = NAN) const {
    for (const std::string_view name : names)
      if (const Json* found = json_.find(name))
        return static_cast<double>(within([&] { return where_ + ": " + std::string(name); },
                                          [&] { return found->integer(0, 100'000'000); }));
    require(!std::isnan(otherwise),
            "{}: expected a member '{}', got none (is it a transformer's config.json?)", where_,
            *names.begin());
    return otherwise;
  }
  std::string text(std::string_view name) const {
    const Json* found = json_.find(name);
    return found ? within([&] { return where_ + ": " + std::string(name); }, [&] { return found->string(); })
                 : std::string();
  }
  bool flag(std::string_view name, bool otherwise) const {
    const Json* found = json_.find(name);
    return found ? within([&] { return where_ + ": " + std::string(name); }, [&] { return found->boolean(); })
                 : otherwise;
  }

 private:
  const Json& json_;
  const std::string& where_;
};

constexpr std::string_view kEncoders[] = {"bert",      "roberta", "xlm-roberta", "electra",
                                          "camembert", "mpnet",   "deberta-v2"};
// Two products into the feed-forward block, positions computed, no biases.
constexpr std::string_view kGatedTypes[] = {"llama",  "mistral", "mixtral", "qwen2",   "qwen3",  "gemma",
                                            "gemma2", "phi3",    "olmo2",   "granite", "smollm3"};

bool among(std::span<const std::string_view> names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::vector<std::string> transformer_names() {
  std::vector<std::string> names;
  for (const Known& known : kClassic) names.emplace_back(known.name);
  for (const Known& known : kGated) names.emplace_back(known.name);
  return names;
}

std::optional<Transformer> transformer_named(std::string_view name) {
  if (const auto* known = std::ranges::find(kClassic, name, &Known::name); known != std::end(kClassic))
    return of(*known, false);
  if (const auto* known = std::ranges::find(kGated, name, &Known::name); known != std::end(kGated))
    return of(*known, true);
  return std::nullopt;
}

Transformer transformer_from_config(const Json& json, const std::string& where) {
  require(json.is_object(), "{}: expected an object of a transformer's sizes, got something else", where);
  const Config config(json, where);
  Transformer model;
  model.name = config.text("model_type");
  model.causal = !among(kEncoders, model.name);
  model.gated = among(kGatedTypes, model.name);
  model.biased = !model.gated;
  model.layers = config.size({"num_hidden_layers", "n_layer", "num_layers"});
  model.hidden = config.size({"hidden_size", "n_embd", "d_model"});
  model.heads = config.size({"num_attention_heads", "n_head"});
  require(model.layers >= 1 && model.hidden >= 1 && model.heads >= 1,
          "{}: expected at least one layer, number and head, got {}, {} and {}", where, model.layers,
          model.hidden, model.heads);
  model.kv_heads = config.size({"num_key_value_heads", "num_kv_heads"}, model.heads);
  require(model.kv_heads >= 1 && model.kv_heads <= model.heads,
          "{}: num_key_value_heads: expected 1 to {}, got {}", where, model.heads, model.kv_heads);
  model.head_dim = config.size({"head_dim"}, model.hidden / model.heads);
  model.ffn = config.size({"intermediate_size", "n_inner", "ffn_dim"}, 4 * model.hidden);
  model.vocabulary = config.size({"vocab_size"});
  if (!model.gated)
    model.positions =
        config.size({"max_position_embeddings", "n_positions"}, 0) + config.size({"type_vocab_size"}, 0);
  if (config.flag("use_sliding_window", true)) model.window = config.size({"sliding_window"}, 0);
  model.tied = config.flag("tie_word_embeddings", !model.gated);
  model.experts = std::max(1.0, config.size({"num_local_experts", "num_experts"}, 1));
  model.experts_chosen = std::max(1.0, config.size({"num_experts_per_tok"}, 1));
  require(model.experts_chosen <= model.experts, "{}: num_experts_per_tok: expected 1 to {}, got {}", where,
          model.experts, model.experts_chosen);
  if (model.name.empty()) model.name = "transformer";
  return model;
}

}  // namespace atlas

#include "atlas/plan/transformer.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas {
namespace {

double multiplications(const Network& network) {
  double total = 0;
  for (const Layer& layer : network.layers)
    if (const auto* op = std::get_if<Gemm>(&layer.sizes))
      total += layer.count * op->batch * op->m * op->n * op->k;
  return total;
}

struct Published {
  const char* name;
  double parameters;
};

TEST(Transformer, HaveThePublishedNumberOfParameters) {
  for (const Published& known :
       {Published{"bert-base", 109.5e6}, Published{"bert-large", 335e6}, Published{"gpt2", 124.4e6},
        Published{"gpt3-175b", 175e9}, Published{"llama-2-7b", 6.74e9}, Published{"llama-2-70b", 69e9},
        Published{"llama-3-8b", 8.03e9}, Published{"llama-3-405b", 405.9e9}, Published{"mistral-7b", 7.24e9},
        Published{"megatron-22b", 22e9}, Published{"megatron-530b", 529.6e9},
        Published{"megatron-1t", 1008e9}})
    EXPECT_NEAR(transformer_named(known.name)->parameters() / known.parameters, 1, 0.01) << known.name;
}

// A layer of BERT base has 12 x 768 x 768 weights in products; 2 x 128 tokens go through each.
TEST(Transformer, EveryTokenMeetsEveryWeight) {
  const Transformer bert = *transformer_named("bert-base");
  Passage passage;
  passage.batch = 2;
  passage.tokens = 128;
  EXPECT_DOUBLE_EQ(multiplications(transformer_stack(bert, passage)), 12 * 256.0 * 12 * 768 * 768);
  passage.tensor_parallel = 4;
  EXPECT_DOUBLE_EQ(multiplications(transformer_stack(bert, passage)), 12 * 256.0 * 12 * 768 * 768 / 4);
}

// Of 256 tokens 15 % are predicted: 39 rows of 30522 words.
TEST(Transformer, PredictsAsManyTokensAsAsked) {
  const Transformer bert = *transformer_named("bert-base");
  Passage passage;
  passage.batch = 2;
  passage.tokens = 128;
  passage.predicted = 0.15;
  EXPECT_DOUBLE_EQ(multiplications(transformer_ends(bert, passage)), 39.0 * 30522 * 768);
  passage.predicted = 0;
  EXPECT_EQ(multiplications(transformer_ends(bert, passage)), 0);
}

// Eight experts, two per token: 1 + 3 + 8 tokens of a pass go to 8 experts, which are all read.
TEST(Transformer, ATokenMeetsTheExpertsThatItChose) {
  Transformer model = *transformer_named("mistral-7b");
  const double weights = 2.0 * model.hidden * model.ffn + model.hidden * model.ffn;
  const double one = model.layer_parameters();
  model.experts = 8;
  model.experts_chosen = 2;
  EXPECT_DOUBLE_EQ(model.layer_parameters() - one, 7 * weights + 8 * model.hidden);
  Passage passage;
  passage.tokens = 64;
  for (const Layer& layer : transformer_stack(model, passage).layers) {
    const auto* op = std::get_if<Gemm>(&layer.sizes);
    if (!op || !layer.name.starts_with("ffn")) continue;
    EXPECT_EQ(op->batch, 8);
    EXPECT_EQ(op->m, 16);
  }
}

TEST(Transformer, ReadsConfigurations) {
  const Json llama = Json::parse(
      R"({"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
          "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256, "head_dim": null,
          "tie_word_embeddings": false, "max_position_embeddings": 8192})",
      "c");
  EXPECT_DOUBLE_EQ(transformer_from_config(llama, "c").parameters(),
                   transformer_named("llama-3-8b")->parameters());
  const Json bert = Json::parse(
      R"({"model_type": "bert", "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
          "intermediate_size": 3072, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2})",
      "c");
  const Transformer encoder = transformer_from_config(bert, "c");
  EXPECT_FALSE(encoder.causal);
  EXPECT_DOUBLE_EQ(encoder.parameters(), transformer_named("bert-base")->parameters());
  const Json gpt2 = Json::parse(
      R"({"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257, "n_positions": 1024})",
      "c");
  EXPECT_DOUBLE_EQ(transformer_from_config(gpt2, "c").parameters(), transformer_named("gpt2")->parameters());
}

TEST(Transformer, SaysWhatAConfigurationLacks) {
  const auto error_of = [](const char* text) -> std::string {
    try {
      transformer_from_config(Json::parse(text, "c.json"), "c.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of("{}"),
            "c.json: expected a member 'num_hidden_layers', got none (is it a transformer's config.json?)");
  EXPECT_EQ(error_of(R"({"n_layer": 2, "n_embd": 8, "n_head": 2, "num_key_value_heads": 4})"),
            "c.json: num_key_value_heads: expected 1 to 2, got 4");
  EXPECT_NE(error_of(R"({"n_layer": -2})").find("c.json: n_layer"), std::string::npos);
  EXPECT_EQ(error_of("[]"), "c.json: expected an object of a transformer's sizes, got something else");
}

}  // namespace
}  // namespace atlas

// Attention. Queries of zeros look at all keys alike, so that results are means of values.
#include <gtest/gtest.h>

#include "atlas/graph/builder.h"
#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor column(std::initializer_list<float> values) {
  return Tensor::of<float>({1, 1, static_cast<std::int64_t>(values.size()), 1}, values);
}

const Tensor kQuery = column({0});
const Tensor kKeys = column({1, 2});
const Tensor kValues = column({1, 3});

TEST(Attention, MasksKeys) {
  check_cases({
      {"all", "Attention", {kQuery, kKeys, kValues}, {}, {column({2})}},
      {"bool mask",
       "Attention",
       {kQuery, kKeys, kValues, Tensor::of<bool>({1, 2}, {false, true})},
       {},
       {column({3})}},
      {"added mask",
       "Attention",
       {kQuery, kKeys, kValues, Tensor::of<float>({1, 2}, {0, 1.0986123f})},
       {},
       {column({2.5f})}},
      {"short mask",
       "Attention",
       {kQuery, kKeys, kValues, Tensor::of<bool>({1, 1}, {true})},
       {},
       {column({1})}},
      {"causal",
       "Attention",
       {column({0, 0}), kKeys, kValues},
       {{"is_causal", std::int64_t{1}}},
       {column({1, 2})}},
      {"padded keys",
       "Attention",
       {kQuery, kKeys, kValues, {}, {}, {}, Tensor::of<std::int64_t>({1}, {1})},
       {},
       {column({1})}},
  });
}

TEST(Attention, KeepsACacheAndSharesHeads) {
  check_cases({
      {"past",
       "Attention",
       {kQuery, column({1}), column({1}), {}, column({7}), column({5})},
       {{"is_causal", std::int64_t{1}}},
       {column({3}), column({7, 1}), column({5, 1})}},
      {"packed heads",
       "Attention",
       {Tensor::of<float>({1, 1, 2}, {0, 1000}), Tensor::of<float>({1, 2, 1}, {1, 2}),
        Tensor::of<float>({1, 2, 1}, {1, 3})},
       {{"q_num_heads", std::int64_t{2}}, {"kv_num_heads", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 2}, {2, 3})}},
  });
}

TEST(Attention, ShowsScores) {
  const auto mode = [](std::int64_t value) -> Attributes {
    return {{"qk_matmul_output_mode", value}, {"softcap", 1.0f}, {"scale", 100.0f}};
  };
  const std::vector<Datum> inputs = {column({1}), kKeys, kValues, Tensor::of<float>({2}, {5, 5})};
  check_cases({
      {"products",
       "Attention",
       inputs,
       mode(0),
       {column({2}), {}, {}, Tensor::of<float>({1, 1, 1, 2}, {100, 200})}},
      {"capped",
       "Attention",
       inputs,
       mode(1),
       {column({2}), {}, {}, Tensor::of<float>({1, 1, 1, 2}, {1, 1})}},
      {"masked",
       "Attention",
       inputs,
       mode(2),
       {column({2}), {}, {}, Tensor::of<float>({1, 1, 1, 2}, {6, 6})}},
      {"probabilities",
       "Attention",
       inputs,
       mode(3),
       {column({2}), {}, {}, Tensor::of<float>({1, 1, 1, 2}, {.5f, .5f})}},
  });
}

TEST(Attention, RefusesWhatDoesNotFit) {
  check_error(
      {"sizes", "Attention", {kQuery, Tensor::of<float>({1, 1, 1, 2}, {1, 2}), column({1})}, {}, {kQuery}},
      "expected queries and keys that fit");
  check_error({"heads",
               "Attention",
               {Tensor::of<float>({1, 1, 2}, {0, 0}), Tensor::of<float>({1, 1, 2}, {0, 0}),
                Tensor::of<float>({1, 1, 2}, {0, 0})},
               {},
               {kQuery}},
              "expected q_num_heads beside inputs of rank 3");
  check_error({"past", "Attention", {kQuery, kKeys, kValues, {}, kKeys}, {}, {kQuery}},
              "expected past_key and past_value together");
}

// A graph that applies `op` to its input and a constant.
Box<Graph> modifier(const char* op, Tensor constant) {
  Graph graph;
  const ValueId x = graph.add_input("x", {});
  GraphBuilder builder(graph);
  graph.outputs = {builder.op(op, {x, builder.constant(std::move(constant))})};
  return Box<Graph>(std::move(graph));
}

TEST(FlexAttention, RunsItsGraphs) {
  const char* op = "ai.onnx.preview::FlexAttention";
  check_cases({
      {"plain", op, {kQuery, kKeys, kValues}, {}, {column({2})}},
      {"scores",
       op,
       {kQuery, kKeys, kValues},
       {{"score_mod", modifier("Add", Tensor::of<float>({2}, {0, -1e30f}))}},
       {column({1})}},
      {"probabilities",
       op,
       {kQuery, kKeys, kValues},
       {{"prob_mod", modifier("Mul", Tensor::scalar(2.0f))}},
       {column({4})}},
  });
  check_error({"shape",
               op,
               {kQuery, kKeys, kValues},
               {{"score_mod", modifier("Add", Tensor::of<float>({3, 1}, {0, 0, 0}))}},
               {kQuery}},
              "expected score_mod to keep the shape [1,1,1,2]");
}

}  // namespace
}  // namespace atlas

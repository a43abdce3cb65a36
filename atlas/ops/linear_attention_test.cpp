// LinearAttention and RotaryEmbedding.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Attributes rule(const char* name) {
  return {{"q_num_heads", std::int64_t{1}},
          {"kv_num_heads", std::int64_t{1}},
          {"scale", 1.0f},
          {"update_rule", std::string(name)}};
}

TEST(LinearAttention, UpdatesItsState) {
  const auto line = [](float a, float b) { return Tensor::of<float>({1, 2, 1}, {a, b}); };
  const auto state = [](float value) { return Tensor::of<float>({1, 1, 1, 1}, {value}); };
  const Tensor q = line(1, 1), k = line(1, 2), v = line(3, 4), decay = line(0, 0.6931472f),
               beta = line(1, .5f);
  check_cases({
      {"linear", "LinearAttention", {q, k, v}, rule("linear"), {line(3, 11), state(11)}},
      {"from a past", "LinearAttention", {q, k, v, state(1)}, rule("linear"), {line(4, 12), state(12)}},
      {"gated", "LinearAttention", {q, k, v, {}, decay}, rule("gated"), {line(3, 14), state(14)}},
      {"delta", "LinearAttention", {q, k, v, {}, {}, beta}, rule("delta"), {line(3, 1), state(1)}},
      {"gated delta",
       "LinearAttention",
       {q, k, v, {}, decay, beta},
       rule("gated_delta"),
       {line(3, -2), state(-2)}},
      {"two queries share a state",
       "LinearAttention",
       {Tensor::of<float>({1, 1, 2}, {1, 10}), Tensor::of<float>({1, 1, 1}, {1}),
        Tensor::of<float>({1, 1, 1}, {3})},
       {{"q_num_heads", std::int64_t{2}},
        {"kv_num_heads", std::int64_t{1}},
        {"update_rule", std::string("linear")}},
       {Tensor::of<float>({1, 1, 2}, {3, 30}), state(3)}},
  });
  check_error({"gate", "LinearAttention", {q, k, v}, rule("gated"), {q, q}},
              "update_rule and input decay do not fit: expected the input");
}

TEST(RotaryEmbedding, TurnsPairs) {
  const Tensor x = Tensor::of<float>({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor zero = Tensor::of<float>({1, 1, 2}, {0, 0});
  const Tensor one = Tensor::of<float>({1, 1, 2}, {1, 1});
  const Tensor ids = Tensor::of<std::int64_t>({1, 1}, {1});
  check_cases({
      {"halves", "RotaryEmbedding", {x, zero, one}, {}, {Tensor::of<float>({1, 1, 1, 4}, {-3, -4, 1, 2})}},
      {"neighbours",
       "RotaryEmbedding",
       {x, zero, one},
       {{"interleaved", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 1, 4}, {-2, 1, -4, 3})}},
      {"positions, part of a packed head",
       "RotaryEmbedding",
       {Tensor::of<float>({1, 1, 6}, {1, 2, 3, 4, 5, 6}), Tensor::of<float>({2, 1}, {1, 0}),
        Tensor::of<float>({2, 1}, {0, 1}), ids},
       {{"num_heads", std::int64_t{2}}, {"rotary_embedding_dim", std::int64_t{2}}},
       {Tensor::of<float>({1, 1, 6}, {-2, 1, 3, -5, 4, 6})}},
  });
  check_error({"position",
               "RotaryEmbedding",
               {Tensor::of<float>({1, 1, 1, 2}, {1, 2}), Tensor::of<float>({1, 1}, {1}),
                Tensor::of<float>({1, 1}, {1}), ids},
               {},
               {x}},
              "expected position_ids below 1, got 1");
}

}  // namespace
}  // namespace atlas

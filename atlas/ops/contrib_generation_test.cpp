// NGramRepeatBlock; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include <limits>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const float kInf = std::numeric_limits<float>::infinity();

TEST(NGramRepeatBlock, StopsRepetition) {
  check_cases({
      {"pairs",
       "com.microsoft::NGramRepeatBlock",
       {Tensor::of<std::int64_t>({2, 5}, {1, 2, 1, 3, 1, 0, 0, 1, 2, 3}),
        Tensor::of<float>({2, 4}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f, -1.25f, -0.5f})},
       {{"ngram_size", std::int64_t{2}}},
       {Tensor::of<float>({2, 4}, {-0.25f, 1, -kInf, -kInf, -1.5f, -1.75f, -1.25f, -0.5f})}},
      {"ones",
       "com.microsoft::NGramRepeatBlock",
       {Tensor::of<std::int64_t>({1, 2}, {1, 2}), Tensor::of<float>({1, 4}, {-0.25f, 1, -2, -0.75f})},
       {{"ngram_size", std::int64_t{1}}},
       {Tensor::of<float>({1, 4}, {-0.25f, -kInf, -kInf, -0.75f})}},
  });
}

TEST(NGramRepeatBlock, RefusesUnknownTokens) {
  const Tensor scores = Tensor::of<float>({1, 2}, {0, 0});
  check_error({"token",
               "com.microsoft::NGramRepeatBlock",
               {Tensor::of<std::int64_t>({1, 2}, {7, 7}), scores},
               {{"ngram_size", std::int64_t{1}}},
               {scores}},
              "token 7 is not among 2 scores");
}

}  // namespace
}  // namespace atlas

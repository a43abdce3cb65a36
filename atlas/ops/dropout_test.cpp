// Dropout in and out of training.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

TEST(Dropout, DoesNothingOutsideTraining) {
  const Tensor x = Tensor::of<float>({2}, {1, 2});
  const Tensor ones = Tensor::of<bool>({2}, {true, true});
  check_cases({
      {"no inputs", "Dropout", {x}, {}, {x, ones}},
      {"ratio alone", "Dropout", {x, Tensor::scalar(0.9f)}, {}, {x}},
      {"ratio 0", "Dropout", {x, Tensor::scalar(0.0f), Tensor::scalar(true)}, {}, {x, ones}},
  });
}

// The first draws of numpy.random.RandomState(0).uniform() are 0.5488, 0.7152, 0.6028, 0.5449, 0.4237.
TEST(Dropout, DropsBySeed) {
  const Tensor x = Tensor::of<float>({5}, {1, 2, 3, 4, 5});
  check_cases({{"seed 0",
                "Dropout",
                {x, Tensor::scalar(0.6f), Tensor::scalar(true)},
                {{"seed", std::int64_t{0}}},
                {Tensor::of<float>({5}, {0, 5, 7.5f, 0, 0}),
                 Tensor::of<bool>({5}, {false, true, true, false, false})}}});
  check_error({"ratio", "Dropout", {x, Tensor::scalar(1.0f), Tensor::scalar(true)}, {}, {x}},
              "expected a ratio in [0, 1)");
}

}  // namespace
}  // namespace atlas

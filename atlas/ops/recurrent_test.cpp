// RNN, GRU and LSTM.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Strings = std::vector<std::string>;

const Tensor kOne = Tensor::of<float>({1, 1, 1}, {1});
const Tensor kOnes = Tensor::of<float>({2, 1, 1}, {1, 1});
const Tensor kGates = Tensor::of<float>({1, 3, 1}, {0, 0, 1});
const Tensor kZeros = Tensor::of<float>({1, 4, 1}, {0, 0, 0, 0});

// Hidden states are then running sums of what is positive.
const Attributes::Entry kRelu = {"activations", Strings{"Relu", "Relu"}};

TEST(Recurrent, RunsOverTime) {
  const Tensor x = Tensor::of<float>({2, 1, 1}, {1, 2});
  check_cases({
      {"forward",
       "RNN",
       {x, kOne, kOne},
       {kRelu},
       {Tensor::of<float>({2, 1, 1, 1}, {1, 3}), Tensor::of<float>({1, 1, 1}, {3})}},
      {"clipped",
       "RNN",
       {x, kOne, kOne},
       {kRelu, {"clip", 2.0f}},
       {Tensor::of<float>({2, 1, 1, 1}, {1, 2}), Tensor::of<float>({1, 1, 1}, {2})}},
      {"reverse, sequences of their own lengths, from a state",
       "RNN",
       {Tensor::of<float>({3, 2, 1}, {1, 5, 2, 9, 3, 9}),
        kOne,
        kOne,
        {},
        Tensor::of<std::int32_t>({2}, {3, 1}),
        Tensor::of<float>({1, 2, 1}, {0, 10})},
       {kRelu, {"direction", std::string("reverse")}},
       {Tensor::of<float>({3, 1, 2, 1}, {6, 15, 5, 0, 3, 0}), Tensor::of<float>({1, 2, 1}, {6, 15})}},
      {"both ways, batch first",
       "RNN",
       {Tensor::of<float>({1, 2, 1}, {1, 2}), kOnes, kOnes},
       {kRelu, {"direction", std::string("bidirectional")}, {"layout", std::int64_t{1}}},
       {Tensor::of<float>({1, 2, 2, 1}, {1, 3, 3, 2}), Tensor::of<float>({1, 2, 1}, {3, 3})}},
      {"parameters of activations",
       "RNN",
       {x, kOne, Tensor::of<float>({1, 1, 1}, {0})},
       {{"activations", Strings{"Affine"}},
        {"activation_alpha", std::vector<float>{2}},
        {"activation_beta", std::vector<float>{1}}},
       {Tensor::of<float>({2, 1, 1, 1}, {3, 5}), {}}},
  });
}

TEST(Recurrent, Gates) {
  const Tensor two = Tensor::of<float>({1, 1, 1}, {2});
  const Tensor bias = Tensor::of<float>({1, 6}, {0, 0, 0, 0, 0, 2});
  const Attributes::Entry activations = {"activations", Strings{"Sigmoid", "Relu"}};
  check_cases({
      {"reset before the product",
       "GRU",
       {kOne, kGates, kGates, bias, {}, two},
       {activations},
       {{}, Tensor::of<float>({1, 1, 1}, {3})}},
      {"reset after the product",
       "GRU",
       {kOne, kGates, kGates, bias, {}, two},
       {activations, {"linear_before_reset", std::int64_t{1}}},
       {{}, Tensor::of<float>({1, 1, 1}, {2.5f})}},
      {"cell",
       "LSTM",
       {kOne, kZeros, kZeros, {}, {}, {}, two},
       {},
       {Tensor::of<float>({1, 1, 1, 1}, {0.3807971f}), Tensor::of<float>({1, 1, 1}, {0.3807971f}),
        Tensor::of<float>({1, 1, 1}, {1})}},
      {"peephole of the output gate",
       "LSTM",
       {kOne, kZeros, kZeros, {}, {}, {}, two, Tensor::of<float>({1, 3}, {0, 1, 0})},
       {},
       {{}, Tensor::of<float>({1, 1, 1}, {0.5567700f}), {}}},
      {"input and forget gate coupled",
       "LSTM",
       {kOne, kZeros, kZeros, Tensor::of<float>({1, 8}, {0, 0, 99, 0, 0, 0, 0, 0}), {}, {}, two},
       {{"input_forget", std::int64_t{1}}},
       {{}, {}, Tensor::of<float>({1, 1, 1}, {1})}},
  });
}

TEST(Recurrent, RefusesWhatDoesNotFit) {
  check_error({"weights", "GRU", {kOne, kOne, kOne}, {}, {kOne, kOne}},
              "expected R of shape [1,3,1], got [1,1,1]");
  check_error(
      {"lengths", "RNN", {kOne, kOne, kOne, {}, Tensor::of<std::int32_t>({1}, {2})}, {}, {kOne, kOne}},
      "expected sequence_lens from 0 to 1, got 2");
  check_error({"activation", "RNN", {kOne, kOne, kOne}, {{"activations", Strings{"Gelu"}}}, {kOne, kOne}},
              "unknown activation 'Gelu'");
}

}  // namespace
}  // namespace atlas

// Recurrent layers against their references: directions, layouts, lengths, states, peepholes.
#include <gtest/gtest.h>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

// Inputs of a layer over 5 steps of 3 sequences, 4 numbers in and 6 in the state.
struct Layer {
  std::string op;
  std::int64_t gates;
  std::size_t outputs;
  std::string direction = "forward";
  std::int64_t layout = 0;
};

enum Extras : unsigned { kBias = 1, kLengths = 2, kStates = 4, kPeepholes = 8 };

KernelCase layer_case(RandomTensors& random, const Layer& layer, unsigned extras,
                      Attributes attributes = {}) {
  const std::int64_t directions = layer.direction == "bidirectional" ? 2 : 1;
  const std::int64_t hidden = 6;
  const std::int64_t rows = layer.gates * hidden;
  const bool lstm = layer.op == "LSTM";
  const Shape state = layer.layout ? Shape{3, directions, hidden} : Shape{directions, 3, hidden};
  const auto optional = [&](bool wanted, Shape shape) {
    return wanted ? Datum(random.floats(std::move(shape), -1, 1)) : Datum();
  };
  std::vector<Datum> inputs = {
      random.floats(layer.layout ? Shape{3, 5, 4} : Shape{5, 3, 4}),
      random.floats({directions, rows, 4}, -1, 1),
      random.floats({directions, rows, hidden}, -1, 1),
      optional((extras & kBias) != 0, {directions, 2 * rows}),
      (extras & kLengths) != 0 ? Datum(Tensor::of<std::int32_t>({3}, {5, 0, 3})) : Datum(),
      optional((extras & kStates) != 0, state),
  };
  if (lstm) {
    inputs.push_back(optional((extras & kStates) != 0, state));
    inputs.push_back(optional((extras & kPeepholes) != 0, {directions, 3 * hidden}));
  }
  attributes.set("hidden_size", hidden);
  attributes.set("direction", layer.direction);
  attributes.set("layout", layer.layout);
  return {layer.op, inputs, attributes, layer.outputs};
}

TEST(RecurrentKernels, EveryFormOfLayer) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const Layer& base : {Layer{"RNN", 1, 2}, Layer{"GRU", 3, 2}, Layer{"LSTM", 4, 3}})
    for (const char* direction : {"forward", "reverse", "bidirectional"})
      for (const std::int64_t layout : {0, 1})
        for (const unsigned extras : {0u, unsigned{kBias}, kBias | kLengths, kBias | kStates,
                                      kBias | kLengths | kStates | kPeepholes}) {
          Layer layer = base;
          layer.direction = direction;
          layer.layout = layout;
          cases.push_back(layer_case(random, layer, extras));
        }
  check_kernels(cases);
}

TEST(RecurrentKernels, Variants) {
  RandomTensors random;
  const Layer gru{"GRU", 3, 2};
  const Layer lstm{"LSTM", 4, 3};
  const Layer rnn{"RNN", 1, 2};
  check_kernels({
      layer_case(random, gru, kBias | kStates, {{"linear_before_reset", std::int64_t{1}}}),
      layer_case(random, gru, kStates, {{"linear_before_reset", std::int64_t{1}}}),
      layer_case(random, lstm, kBias | kPeepholes, {{"input_forget", std::int64_t{1}}}),
      layer_case(random, lstm, kBias, {{"clip", 0.4f}}),
      layer_case(random, rnn, kBias, {{"activations", std::vector<std::string>{"Relu"}}}),
      layer_case(random, lstm, kBias, {{"activations", std::vector<std::string>{"Sigmoid", "Relu", "Tanh"}}}),
  });
}

TEST(RecurrentKernels, RefusesWeightsThatDoNotFit) {
  RandomTensors random;
  KernelCase wrong = layer_case(random, {"LSTM", 4, 3}, kBias);
  wrong.inputs[3] = random.floats({1, 47});
  check_kernel_error(wrong, "LSTM");
}

}  // namespace
}  // namespace atlas

// Convolutions and pooling against their references.
#include <gtest/gtest.h>

#include "atlas/run/kernel_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(ConvolutionKernels, Conv) {
  RandomTensors random;
  check_kernels({
      {"Conv", {random.floats({2, 3, 7, 9}), random.floats({4, 3, 3, 3})}},
      {"Conv",
       {random.floats({1, 3, 7, 9}), random.floats({5, 3, 3, 2}), random.floats({5})},
       {{"pads", Ints{1, 0, 2, 1}}, {"strides", Ints{2, 1}}}},
      {"Conv",
       {random.floats({1, 4, 9, 9}), random.floats({4, 1, 3, 3}), random.floats({4})},
       {{"group", std::int64_t{4}}, {"pads", Ints{1, 1, 1, 1}}}},
      {"Conv",
       {random.floats({2, 6, 9, 8}), random.floats({4, 3, 3, 3})},
       {{"group", std::int64_t{2}}, {"dilations", Ints{2, 2}}}},
      {"Conv", {random.floats({2, 3, 5, 4}), random.floats({8, 3, 1, 1}), random.floats({8})}},
      {"Conv",
       {random.floats({2, 3, 17}), random.floats({4, 3, 5})},
       {{"auto_pad", std::string("SAME_UPPER")}}},
      {"Conv", {random.floats({1, 2, 5, 6, 7}), random.floats({3, 2, 3, 2, 3})}},
      {"Conv", {random.floats({0, 3, 7, 9}), random.floats({4, 3, 3, 3})}},
  });
}

// Enough channels for the layout in blocks, with one axis to three; pictures large enough for Winograd's way.
TEST(ConvolutionKernels, ConvOfManyChannels) {
  RandomTensors random;
  const Attributes around = {{"pads", Ints{1, 1, 1, 1}}};
  check_kernels({
      {"Conv", {random.floats({2, 20, 33}), random.floats({17, 20, 3})}},
      {"Conv",
       {random.floats({1, 18, 30, 29}, -1, 1), random.floats({20, 18, 3, 3}, -1, 1), random.floats({20})},
       around},
      {"Conv", {random.floats({2, 18, 9, 8}), random.floats({20, 18, 3, 3})}, {{"strides", Ints{2, 1}}}},
      {"Conv",
       {random.floats({1, 24, 9, 8}), random.floats({24, 1, 5, 3})},
       {{"group", std::int64_t{24}}, {"auto_pad", std::string("SAME_LOWER")}}},
      {"Conv",
       {random.floats({1, 32, 7, 6}), random.floats({32, 16, 3, 3})},
       {{"group", std::int64_t{2}}, {"dilations", Ints{2, 1}}}},
      {"Conv",
       {random.floats({1, 16, 3, 24, 20}), random.floats({16, 16, 1, 3, 3})},
       {{"pads", Ints{0, 1, 1, 0, 1, 1}}}},
      {"Conv", {random.floats({1, 16, 4, 5, 6}), random.floats({9, 16, 3, 2, 3})}},
  });
}

TEST(ConvolutionKernels, FusedConv) {
  RandomTensors random;
  const std::vector<Datum> inputs = {random.floats({2, 3, 7, 9}), random.floats({4, 3, 3, 3}),
                                     random.floats({4}), random.floats({2, 4, 5, 7}, -9, 9)};
  std::vector<KernelCase> cases = {{"com.microsoft::FusedConv", inputs, {}}};
  for (const char* name : {"Relu", "Sigmoid", "Tanh", "HardSwish", "Swish", "Gelu"})
    cases.push_back({"com.microsoft::FusedConv", inputs, {{"activation", std::string(name)}}});
  for (const char* name : {"Clip", "HardSigmoid"})
    cases.push_back({"com.microsoft::FusedConv",
                     inputs,
                     {{"activation", std::string(name)}, {"activation_params", std::vector{0.25f, 0.5f}}}});
  cases.push_back({"com.microsoft::FusedConv",
                   {inputs[0], inputs[1]},
                   {{"activation", std::string("LeakyRelu")}, {"activation_params", std::vector{0.25f}}}});
  check_kernels(cases);
}

TEST(ConvolutionKernels, ConvTranspose) {
  RandomTensors random;
  check_kernels({
      {"ConvTranspose", {random.floats({2, 3, 4, 5}), random.floats({3, 4, 3, 3})}},
      {"ConvTranspose",
       {random.floats({1, 3, 4, 5}), random.floats({3, 4, 2, 2}), random.floats({4})},
       {{"strides", Ints{2, 2}}}},
      {"ConvTranspose",
       {random.floats({1, 4, 4, 5}), random.floats({4, 2, 3, 3}), random.floats({4})},
       {{"strides", Ints{2, 3}},
        {"pads", Ints{1, 0, 1, 2}},
        {"output_padding", Ints{1, 2}},
        {"group", std::int64_t{2}}}},
      {"ConvTranspose", {random.floats({2, 3, 9}), random.floats({3, 2, 4})}, {{"dilations", Ints{2}}}},
  });
}

TEST(ConvolutionKernels, Pools) {
  RandomTensors random;
  std::vector<KernelCase> cases;
  for (const char* op : {"AveragePool", "MaxPool"}) {
    cases.push_back({op, {random.floats({2, 3, 7, 9})}, {{"kernel_shape", Ints{3, 2}}}});
    cases.push_back({op,
                     {random.floats({2, 3, 7, 9})},
                     {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}}});
    cases.push_back(
        {op,
         {random.floats({1, 3, 8, 8})},
         {{"kernel_shape", Ints{3, 3}}, {"ceil_mode", std::int64_t{1}}, {"strides", Ints{2, 2}}}});
    cases.push_back({op,
                     {random.floats({1, 2, 11})},
                     {{"kernel_shape", Ints{3}}, {"auto_pad", std::string("SAME_LOWER")}}});
    cases.push_back({op, {random.floats({1, 2, 5, 6, 7})}, {{"kernel_shape", Ints{2, 3, 2}}}});
    cases.push_back(
        {op, {random.floats({1, 2, 9, 9})}, {{"kernel_shape", Ints{3, 3}}, {"dilations", Ints{2, 2}}}});
  }
  cases.push_back(
      {"AveragePool",
       {random.floats({2, 3, 7, 9})},
       {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}, {"count_include_pad", std::int64_t{1}}}});
  check_kernels(cases);
}

}  // namespace
}  // namespace atlas

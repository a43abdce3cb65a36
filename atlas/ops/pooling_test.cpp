// Pooling over windows and over whole channels.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor kImage = Tensor::of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});

TEST(Pooling, AveragesWindows) {
  check_cases({
      {"plain",
       "AveragePool",
       {kImage},
       {{"kernel_shape", Ints{2, 2}}},
       {Tensor::of<float>({1, 1, 2, 2}, {3, 4, 6, 7})}},
      {"padding left out",
       "AveragePool",
       {kImage},
       {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 0, 0}}},
       {Tensor::of<float>({1, 1, 2, 2}, {1, 2.5f, 5.5f, 7})}},
      {"padding counted",
       "AveragePool",
       {kImage},
       {{"kernel_shape", Ints{2, 2}},
        {"strides", Ints{2, 2}},
        {"pads", Ints{1, 1, 0, 0}},
        {"count_include_pad", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 2, 2}, {.25f, 1.25f, 2.75f, 7})}},
      {"what ceil_mode adds does not count",
       "AveragePool",
       {Tensor::of<float>({1, 1, 3}, {1, 2, 3})},
       {{"kernel_shape", Ints{2}},
        {"strides", Ints{2}},
        {"ceil_mode", std::int64_t{1}},
        {"count_include_pad", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 2}, {1.5f, 3})}},
      {"p = 2",
       "LpPool",
       {Tensor::of<float>({1, 1, 3}, {3, -4, 0})},
       {{"kernel_shape", Ints{2}}},
       {Tensor::of<float>({1, 1, 2}, {5, 4})}},
  });
}

TEST(Pooling, FindsTheLargest) {
  const Tensor two = Tensor::of<std::int8_t>({1, 2, 2, 3}, {-5, -4, -6, -9, -8, -3, 1, 2, 3, 6, 5, 4});
  check_cases({
      {"indices",
       "MaxPool",
       {two},
       {{"kernel_shape", Ints{2, 2}}},
       {Tensor::of<std::int8_t>({1, 2, 1, 2}, {-4, -3, 6, 5}),
        Tensor::of<std::int64_t>({1, 2, 1, 2}, {1, 5, 9, 10})}},
      {"indices column by column",
       "MaxPool",
       {two},
       {{"kernel_shape", Ints{2, 2}}, {"storage_order", std::int64_t{1}}},
       {Tensor::of<std::int8_t>({1, 2, 1, 2}, {-4, -3, 6, 5}),
        Tensor::of<std::int64_t>({1, 2, 1, 2}, {2, 5, 7, 9})}},
      {"dilations and padding",
       "MaxPool",
       {kImage},
       {{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}},
       {Tensor::of<float>({1, 1, 3, 3}, {5, 6, 5, 8, 9, 8, 5, 6, 5})}},
      {"auto_pad",
       "MaxPool",
       {kImage},
       {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"auto_pad", std::string("SAME_LOWER")}},
       {Tensor::of<float>({1, 1, 2, 2}, {5, 6, 8, 9})}},
      {"ceil_mode",
       "MaxPool",
       {kImage},
       {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 2, 2}, {5, 6, 8, 9})}},
      {"empty batch",
       "MaxPool",
       {Tensor::of<float>({0, 1, 3}, {})},
       {{"kernel_shape", Ints{2}}},
       {Tensor::of<float>({0, 1, 2}, {})}},
  });
}

TEST(Pooling, ReducesWholeChannels) {
  const Tensor x = Tensor::of<double>({1, 2, 2, 1}, {3, -4, 1, 7});
  check_cases({
      {"mean", "GlobalAveragePool", {x}, {}, {Tensor::of<double>({1, 2, 1, 1}, {-.5, 4})}},
      {"largest", "GlobalMaxPool", {x}, {}, {Tensor::of<double>({1, 2, 1, 1}, {3, 7})}},
      {"norm", "GlobalLpPool", {x}, {{"p", std::int64_t{1}}}, {Tensor::of<double>({1, 2, 1, 1}, {7, 8})}},
  });
}

TEST(Pooling, RefusesWhatDoesNotFit) {
  check_error({"size", "MaxPool", {kImage}, {{"kernel_shape", Ints{4, 4}}}, {kImage}},
              "expected at least 4 pixels with padding along spatial axis 0");
  check_error({"rank", "AveragePool", {kImage}, {{"kernel_shape", Ints{2}}}, {kImage}},
              "expected 2 numbers in 'kernel_shape', got 1");
}

}  // namespace
}  // namespace atlas

// Convolution and its integer relatives.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor kImage = Tensor::of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
const Tensor kOnes = Tensor::of<float>({1, 1, 2, 2}, {1, 1, 1, 1});

TEST(Convolution, GivesKnownValues) {
  check_cases({
      {"plain", "Conv", {kImage, kOnes}, {}, {Tensor::of<float>({1, 1, 2, 2}, {12, 16, 24, 28})}},
      {"bias, strides and pads",
       "Conv",
       {kImage, kOnes, Tensor::of<float>({1}, {0.5f})},
       {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 0, 0}}},
       {Tensor::of<float>({1, 1, 2, 2}, {1.5f, 5.5f, 11.5f, 28.5f})}},
      {"auto_pad",
       "Conv",
       {kImage, kOnes},
       {{"auto_pad", std::string("SAME_UPPER")}},
       {Tensor::of<float>({1, 1, 3, 3}, {12, 16, 9, 24, 28, 15, 15, 17, 9})}},
      {"dilations",
       "Conv",
       {kImage, kOnes},
       {{"dilations", Ints{2, 2}}, {"kernel_shape", Ints{2, 2}}},
       {Tensor::of<float>({1, 1, 1, 1}, {20})}},
      {"groups over one axis",
       "Conv",
       {Tensor::of<double>({1, 2, 3}, {1, 2, 3, 4, 5, 6}),
        Tensor::of<double>({4, 1, 2}, {1, 1, 1, -1, 2, 0, 0, 2})},
       {{"group", std::int64_t{2}}},
       {Tensor::of<double>({1, 4, 2}, {3, 5, -1, -1, 8, 10, 10, 12})}},
      {"empty batch",
       "Conv",
       {Tensor::of<float>({0, 1, 3, 3}, {}), kOnes},
       {},
       {Tensor::of<float>({0, 1, 2, 2}, {})}},
      {"half precision",
       "Conv",
       {Tensor::of<F16>({1, 1, 2}, {F16(1.0f), F16(2.0f)}), Tensor::of<F16>({1, 1, 1}, {F16(0.5f)})},
       {},
       {Tensor::of<F16>({1, 1, 2}, {F16(0.5f), F16(1.0f)})}},
  });
}

TEST(Convolution, TakesZeroPointsOff) {
  const Tensor x = Tensor::of<std::uint8_t>({1, 1, 3, 3}, {2, 3, 4, 5, 6, 7, 8, 9, 10});
  const Tensor w = Tensor::of<std::uint8_t>({1, 1, 2, 2}, {1, 1, 1, 1});
  check_cases({
      {"padding counts as zero",
       "ConvInteger",
       {x, w, Tensor::scalar<std::uint8_t>(1)},
       {{"pads", Ints{1, 1, 1, 1}}},
       {Tensor::of<std::int32_t>({1, 1, 4, 4}, {1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9})}},
      {"a zero point for each filter",
       "ConvInteger",
       {Tensor::of<std::int8_t>({1, 1, 1}, {-3}),
        Tensor::of<std::int8_t>({2, 1, 1}, {5, 5}),
        {},
        Tensor::of<std::int8_t>({2}, {1, 2})},
       {},
       {Tensor::of<std::int32_t>({1, 2, 1}, {-12, -9})}},
      {"quantised, rounded to even, saturated",
       "QLinearConv",
       {Tensor::of<std::uint8_t>({1, 1, 3}, {11, 13, 255}), Tensor::scalar(0.5f),
        Tensor::scalar<std::uint8_t>(10), Tensor::of<std::int8_t>({1, 1, 1}, {1}),
        Tensor::of<float>({1}, {1.0f}), Tensor::of<std::int8_t>({1}, {0}), Tensor::scalar(1.0f),
        Tensor::scalar<std::uint8_t>(200), Tensor::of<std::int32_t>({1}, {2})},
       {},
       {Tensor::of<std::uint8_t>({1, 1, 3}, {202, 202, 255})}},
  });
}

TEST(Convolution, CarriesState) {
  const Tensor x = Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4});
  const Tensor w = Tensor::of<float>({2, 1, 3}, {1, 10, 100, 1, 1, 1});
  const Tensor past = Tensor::of<float>({1, 2, 2}, {7, 8, 0, 1});
  check_cases({
      {"from nothing",
       "CausalConvWithState",
       {x, w},
       {},
       {Tensor::of<float>({1, 2, 2}, {100, 210, 3, 7}), Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4})}},
      {"from a past, with bias",
       "CausalConvWithState",
       {x, w, Tensor::of<float>({2}, {.5f, 0}), past},
       {},
       {Tensor::of<float>({1, 2, 2}, {187.5f, 218.5f, 4, 8}), Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4})}},
      {"silu, shorter than the state",
       "CausalConvWithState",
       {Tensor::of<float>({1, 1, 1}, {1}),
        Tensor::of<float>({1, 1, 3}, {0, 0, 1}),
        {},
        Tensor::of<float>({1, 1, 2}, {5, 6})},
       {{"activation", std::string("silu")}},
       {Tensor::of<float>({1, 1, 1}, {0.7310586f}), Tensor::of<float>({1, 1, 2}, {6, 1})}},
  });
  check_error({"past", "CausalConvWithState", {x, w, {}, x.reshaped({2, 2, 1})}, {}, {x, x}},
              "expected a past_state of [1,2,2], got [2,2,1]");
}

TEST(Convolution, RefusesWhatDoesNotFit) {
  const Tensor any = Tensor::of<float>({1}, {0});
  check_error({"channels", "Conv", {kImage, Tensor::of<float>({1, 2, 1, 1}, {1, 1})}, {}, {any}},
              "expected weights for 1 channels in 1 groups, got [1,2,1,1]");
  check_error({"rank", "Conv", {kImage, Tensor::of<float>({1, 1, 1}, {1})}, {}, {any}},
              "expected an image and weights of one rank");
  check_error({"kernel", "Conv", {kImage, kOnes}, {{"kernel_shape", Ints{3, 3}}}, {any}},
              "expected kernel_shape [2,2] as of the weights, got [3,3]");
  check_error({"bias", "Conv", {kImage, kOnes, Tensor::of<float>({2}, {1, 1})}, {}, {any}},
              "expected a bias of shape [1], got [2]");
}

}  // namespace
}  // namespace atlas

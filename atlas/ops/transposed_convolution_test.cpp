// ConvTranspose and Col2Im.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor kImage = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
const Tensor kOnes = Tensor::of<float>({1, 1, 2, 2}, {1, 1, 1, 1});

TEST(TransposedConvolution, GivesKnownValues) {
  check_cases({
      {"plain",
       "ConvTranspose",
       {kImage, kOnes},
       {},
       {Tensor::of<float>({1, 1, 3, 3}, {1, 3, 2, 4, 10, 6, 3, 7, 4})}},
      {"pads and bias",
       "ConvTranspose",
       {kImage, kOnes, Tensor::of<float>({1}, {1})},
       {{"pads", Ints{1, 1, 0, 0}}},
       {Tensor::of<float>({1, 1, 2, 2}, {11, 7, 8, 5})}},
      {"strides and output_padding",
       "ConvTranspose",
       {Tensor::of<float>({1, 1, 2}, {1, 2}), Tensor::of<float>({1, 2, 2}, {1, 10, 3, 30})},
       {{"strides", Ints{2}}, {"output_padding", Ints{1}}},
       {Tensor::of<float>({1, 2, 5}, {1, 10, 2, 20, 0, 3, 30, 6, 60, 0})}},
      {"output_shape",
       "ConvTranspose",
       {Tensor::of<float>({1, 1, 2}, {1, 2}), Tensor::of<float>({1, 1, 3}, {1, 10, 100})},
       {{"output_shape", Ints{3}}},
       {Tensor::of<float>({1, 1, 3}, {12, 120, 200})}},
      {"auto_pad",
       "ConvTranspose",
       {Tensor::of<float>({1, 1, 2}, {1, 2}), Tensor::of<float>({1, 1, 3}, {1, 10, 100})},
       {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Ints{2}}},
       {Tensor::of<float>({1, 1, 4}, {1, 10, 102, 20})}},
      {"groups",
       "ConvTranspose",
       {Tensor::of<float>({1, 2, 1}, {1, 2}), Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4})},
       {{"group", std::int64_t{2}}},
       {Tensor::of<float>({1, 2, 2}, {1, 2, 6, 8})}},
  });
}

TEST(TransposedConvolution, AddsColumnsUp) {
  const Tensor image = Tensor::of<std::int64_t>({1}, {3});
  const Tensor block = Tensor::of<std::int64_t>({1}, {2});
  check_cases({
      {"overlapping",
       "Col2Im",
       {Tensor::of<float>({1, 2, 2}, {1, 2, 10, 20}), image, block},
       {},
       {Tensor::of<float>({1, 1, 3}, {1, 12, 20})}},
      {"64-bit integers stay exact",
       "Col2Im",
       {Tensor::of<std::int64_t>({1, 2, 2}, {1, (1LL << 60) + 1, 1, 0}), image, block},
       {},
       {Tensor::of<std::int64_t>({1, 1, 3}, {1, (1LL << 60) + 2, 0})}},
      {"two channels and padding",
       "Col2Im",
       {Tensor::of<double>({1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), Tensor::of<std::int64_t>({1}, {2}), block},
       {{"pads", Ints{1, 1}}, {"strides", Ints{2}}},
       {Tensor::of<double>({1, 2, 2}, {3, 2, 7, 6})}},
  });
}

TEST(TransposedConvolution, RefusesWhatDoesNotFit) {
  const Tensor any = Tensor::of<float>({1}, {0});
  check_error({"channels", "ConvTranspose", {kImage, Tensor::of<float>({2, 1, 1, 1}, {1, 1})}, {}, {any}},
              "expected weights for 1 channels in 1 groups, got [2,1,1,1]");
  check_error({"negative output", "ConvTranspose", {kImage, kOnes}, {{"pads", Ints{4, 4, 4, 4}}}, {any}},
              "expected an output of at least 0 pixels along spatial axis 0, got -5");
  check_error({"columns",
               "Col2Im",
               {Tensor::of<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<std::int64_t>({1}, {3}),
                Tensor::of<std::int64_t>({1}, {2})},
               {},
               {any}},
              "expected columns [N, C * 2, 2], got [1,2,3]");
}

}  // namespace
}  // namespace atlas

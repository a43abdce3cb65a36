// DeformConv.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

TEST(DeformableConvolution, MovesAndWeighsTaps) {
  const Tensor image = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor one = Tensor::of<float>({1, 1, 1, 1}, {2});
  const Tensor still = Tensor::of<float>({1, 2, 2, 2}, {0, 0, 0, 0, 0, 0, 0, 0});
  // Half a row down, half a column right.
  const Tensor half = Tensor::of<float>({1, 2, 2, 2}, {.5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f});
  check_cases({
      {"no offset", "DeformConv", {image, one, still}, {}, {Tensor::of<float>({1, 1, 2, 2}, {2, 4, 6, 8})}},
      {"outside is zero",
       "DeformConv",
       {image, one, half},
       {},
       {Tensor::of<float>({1, 1, 2, 2}, {5, 3, 3.5f, 2})}},
      {"bias and mask",
       "DeformConv",
       {image, one, still, Tensor::of<float>({1}, {1}), Tensor::of<float>({1, 1, 2, 2}, {1, 0, .5f, 2})},
       {},
       {Tensor::of<float>({1, 1, 2, 2}, {3, 1, 4, 17})}},
      {"one spatial axis, two taps",
       "DeformConv",
       {Tensor::of<float>({1, 1, 3}, {1, 2, 4}), Tensor::of<float>({1, 1, 2}, {1, 1}),
        Tensor::of<float>({1, 2, 2}, {0, 1, 0, -1})},
       {},
       {Tensor::of<float>({1, 1, 2}, {3, 6})}},
  });
}

TEST(DeformableConvolution, RefusesOffsetsOfAnotherShape) {
  check_error({"offsets",
               "DeformConv",
               {Tensor::of<float>({1, 1, 2}, {1, 2}), Tensor::of<float>({1, 1, 1}, {1}),
                Tensor::of<float>({1, 2, 2}, {0, 0, 0, 0})},
               {},
               {Tensor::of<float>({1}, {0})}},
              "expected offsets of shape [1,1,2], got [1,2,2]");
}

}  // namespace
}  // namespace atlas

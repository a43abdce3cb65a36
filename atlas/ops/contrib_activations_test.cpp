// ONNX Runtime's forms of Gelu; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

TEST(ContribActivations, GiveKnownValues) {
  check_cases({
      {"exact",
       "com.microsoft::Gelu",
       {Tensor::of<float>({2, 3}, {0.25f, 0.75f, -0.75f, 0, 1.5f, 1.5f})},
       {},
       {Tensor::of<float>({2, 3}, {0.14967658f, 0.5800295f, -0.16997051f, 0, 1.3997892f, 1.3997892f})}},
      {"bias",
       "com.microsoft::BiasGelu",
       {Tensor::of<float>({2, 3}, {0.25f, 0.75f, -0.75f, 0, 1.5f, 1.5f}),
        Tensor::of<float>({3}, {1.75f, 0.25f, 2})},
       {},
       {Tensor::of<float>({2, 3}, {1.9544997f, 0.8413447f, 1.1179378f, 1.6798965f, 1.6798965f, 3.4991858f})}},
      {"bias",
       "com.microsoft::FastGelu",
       {Tensor::of<float>({2, 3}, {0.25f, 0.75f, -0.75f, 0, 1.5f, 1.5f}),
        Tensor::of<float>({3}, {1.75f, 0.25f, 2})},
       {},
       {Tensor::of<float>({2, 3}, {1.9545977f, 0.841192f, 1.1177142f, 1.6797954f, 1.6797954f, 3.4993837f})}},
      {"none",
       "com.microsoft::FastGelu",
       {Tensor::of<float>({2, 3}, {0.25f, 0.75f, -0.75f, 0, 1.5f, 1.5f})},
       {},
       {Tensor::of<float>({2, 3}, {0.14967535f, 0.5799606f, -0.17003945f, 0, 1.3995715f, 1.3995715f})}},
      {"slope",
       "com.microsoft::QuickGelu",
       {Tensor::of<float>({2, 3}, {0.25f, 0.75f, -0.75f, 0, 1.5f, 1.5f})},
       {{"alpha", 1.5f}},
       {Tensor::of<float>({2, 3}, {0.14816666f, 0.56618625f, -0.18381375f, 0, 1.3569758f, 1.3569758f})}},
  });
}

}  // namespace
}  // namespace atlas

// Inverses and distances of ONNX Runtime's domain; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kFloats2x3 = Tensor::of<float>({2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f});
const Tensor kFloats3x3 =
    Tensor::of<float>({3, 3}, {-0.25f, -2, 0.25f, -0.25f, -0.25f, -0.75f, -1.25f, 0.5f, -0.75f});

TEST(ContribMatrix, GivesKnownValues) {
  check_cases({
      {"two",
       "com.microsoft::Inverse",
       {Tensor::of<float>({2, 2, 2}, {0, 2, 1, 3, 4, 0, 1, 0.5f})},
       {},
       {Tensor::of<float>({2, 2, 2}, {-1.5f, 1, 0.5f, 0, 0.25f, 0, -0.5f, 2})}},
      {"double",
       "com.microsoft::Inverse",
       {Tensor::of<double>({3, 3}, {2.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0})},
       {},
       {Tensor::of<double>({3, 3}, {1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 2.0})}},
      {"squares",
       "com.microsoft::CDist",
       {kFloats2x3, kFloats3x3},
       {},
       {Tensor::of<float>({2, 3}, {14.0625f, 3.125f, 2.8125f, 4.5f, 2.8125f, 5.25f})}},
      {"roots",
       "com.microsoft::CDist",
       {kFloats2x3, kFloats3x3},
       {{"metric", std::string("euclidean")}},
       {Tensor::of<float>({2, 3}, {3.75f, 1.767767f, 1.677051f, 2.1213202f, 1.677051f, 2.291288f})}},
  });
}

TEST(ContribMatrix, RefusesWhatHasNoInverse) {
  const Tensor singular = Tensor::of<float>({2, 2}, {1, 2, 2, 4});
  check_error({"singular", "com.microsoft::Inverse", {singular}, {}, {singular}}, "matrix 0 has no inverse");
  const Tensor wide = Tensor::of<float>({1, 2}, {1, 2});
  check_error({"wide", "com.microsoft::Inverse", {wide}, {}, {wide}}, "expected square matrices, got [1,2]");
}

}  // namespace
}  // namespace atlas

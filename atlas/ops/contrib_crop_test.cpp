// CropAndResize; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

const Tensor kFloats2x1x3x3 =
    Tensor::of<float>({2, 1, 3, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f, -1.25f, -0.5f, -0.5f, 0.25f,
                                     -0.25f, 0.75f, -1.25f, 1.5f, -2, 0.75f, -0.25f, 0.25f});
const Tensor kFloats2x4 = Tensor::of<float>({2, 4}, {0, 0, 1, 1, 0.25f, 0.1f, 0.75f, 1.2f});

TEST(CropAndResize, GivesKnownValues) {
  check_cases({
      {"bilinear",
       "com.microsoft::CropAndResize",
       {kFloats2x1x3x3, kFloats2x4, Tensor::of<std::int32_t>({2}, {0, 1}),
        Tensor::of<std::int32_t>({2}, {2, 3})},
       {{"extrapolation_value", 9.0f}},
       {Tensor::of<float>({2, 1, 2, 3}, {-0.25f, 1, -2, -1.25f, -0.5f, -0.5f, -0.275f, 0.24999994f, 9,
                                         -0.07499999f, 0.17499992f, 9})}},
      {"nearest",
       "com.microsoft::CropAndResize",
       {kFloats2x1x3x3, kFloats2x4, Tensor::of<std::int32_t>({2}, {1, 0}),
        Tensor::of<std::int32_t>({2}, {1, 2})},
       {{"mode", std::string("nearest")}},
       {Tensor::of<float>({2, 1, 1, 2}, {-1.25f, -2, -0.75f, 0})}},
  });
}

TEST(CropAndResize, RefusesBadBoxes) {
  const Tensor image = Tensor::of<float>({1, 1, 1, 1}, {1});
  const Tensor box = Tensor::of<float>({1, 4}, {0, 0, 1, 1});
  const auto with = [&](std::int32_t of, std::int32_t size) {
    return OpCase{
        "box",
        "com.microsoft::CropAndResize",
        {image, box, Tensor::of<std::int32_t>({1}, {of}), Tensor::of<std::int32_t>({2}, {size, size})},
        {},
        {image}};
  };
  check_error(with(1, 1), "box 0 is of image 1 among 1");
  check_error(with(0, 0), "expected two positive crop sizes");
  check_error(with(0, 1 << 20), "expected a result of at most");
}

}  // namespace
}  // namespace atlas

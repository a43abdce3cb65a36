// Moves, ranges and windows of ONNX Runtime's domain; the numbers are ONNX Runtime's.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor kFloats2x3 = Tensor::of<float>({2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f});

TEST(ContribLayout, GivesKnownValues) {
  check_cases({
      {"pads",
       "com.microsoft::ConvTransposeWithDynamicPads",
       {Tensor::of<float>({1, 1, 2, 2}, {-0.25f, 1, -2, -0.75f}),
        Tensor::of<float>({1, 1, 2, 2}, {-0.25f, -2, 0.25f, -0.25f}),
        Tensor::of<std::int64_t>({4}, {1, 0, 0, 1}), Tensor::of<float>({1}, {0.25f})},
       {{"strides", Ints{2, 2}}},
       {Tensor::of<float>({1, 1, 3, 3},
                          {0.1875f, 0.3125f, 0.5f, 0.75f, 4.25f, 0.4375f, -0.25f, 0.75f, 0.0625f})}},
      {"from the end",
       "com.microsoft::ExpandDims",
       {kFloats2x3, Tensor::scalar<std::int32_t>(-1)},
       {},
       {Tensor::of<float>({2, 3, 1}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f})}},
      {"first",
       "com.microsoft::ExpandDims",
       {kFloats2x3, Tensor::scalar<std::int32_t>(0)},
       {},
       {Tensor::of<float>({1, 2, 3}, {-0.25f, 1, -2, -0.75f, -1.5f, -1.75f})}},
      {"rows",
       "com.microsoft::GatherND",
       {kFloats2x3, Tensor::of<std::int32_t>({2, 1}, {1, 0})},
       {},
       {Tensor::of<float>({2, 3}, {-0.75f, -1.5f, -1.75f, -0.25f, 1, -2})}},
      {"elements",
       "com.microsoft::GatherND",
       {kFloats2x3, Tensor::of<std::int64_t>({2, 2}, {1, 2, 0, -1})},
       {},
       {Tensor::of<float>({2}, {-1.75f, -2})}},
      {"bytes",
       "com.microsoft::NhwcMaxPool",
       {Tensor::of<std::uint8_t>({1, 3, 3, 2}, {37, 235, 140, 72, 255, 137, 203, 133, 79, 192, 144, 129, 204,
                                                71, 237, 252, 134, 25})},
       {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"pads", Ints{0, 0, 1, 1}}},
       {Tensor::of<std::uint8_t>({1, 2, 2, 2}, {203, 235, 255, 137, 237, 252, 134, 25})}},
      {"value",
       "com.microsoft::Pad",
       {Tensor::of<float>({1, 2}, {-0.25f, 1}), Tensor::of<std::int64_t>({4}, {0, 1, 1, 0}),
        Tensor::of<float>({1}, {7})},
       {},
       {Tensor::of<float>({2, 3}, {7, -0.25f, 1, 7, 7, 7})}},
      {"reflected",
       "com.microsoft::Pad",
       {Tensor::of<float>({1, 3}, {-0.25f, 1, -2}), Tensor::of<std::int64_t>({1, 4}, {0, 1, 0, 2})},
       {{"mode", std::string("reflect")}},
       {Tensor::of<float>({1, 6}, {1, -0.25f, 1, -2, 1, -0.25f})}},
      {"step of one",
       "com.microsoft::Range",
       {Tensor::scalar<std::int32_t>(2), Tensor::scalar<std::int32_t>(5)},
       {},
       {Tensor::of<std::int32_t>({3}, {2, 3, 4})}},
      {"down",
       "com.microsoft::Range",
       {Tensor::of<float>({1}, {1}), Tensor::of<float>({1}, {0}), Tensor::of<float>({1}, {-0.25f})},
       {},
       {Tensor::of<float>({4}, {1, 0.75f, 0.5f, 0.25f})}},
      {"lower",
       "com.microsoft::Trilu",
       {kFloats2x3, Tensor::scalar<std::int64_t>(-1)},
       {{"upper", std::int64_t{0}}},
       {Tensor::of<float>({2, 3}, {0, 0, 0, -0.75f, 0, 0})}},
      {"upper",
       "com.microsoft::Trilu",
       {kFloats2x3},
       {},
       {Tensor::of<float>({2, 3}, {-0.25f, 1, -2, 0, -1.5f, -1.75f})}},
      {"first come",
       "com.microsoft::Unique",
       {Tensor::of<float>({5}, {3, 1, 3, 2, 1})},
       {},
       {Tensor::of<float>({3}, {3, 1, 2}), Tensor::of<std::int64_t>({5}, {0, 1, 0, 2, 1}),
        Tensor::of<std::int64_t>({3}, {2, 2, 1})}},
  });
}

}  // namespace
}  // namespace atlas

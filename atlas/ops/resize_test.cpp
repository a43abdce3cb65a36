// Resize.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

std::string s(const char* text) {
  return text;
}

const Tensor kLine = Tensor::of<float>({1, 4}, {1, 2, 3, 4});
const Tensor kUp = Tensor::of<float>({2}, {1, 2});
const Tensor kDown = Tensor::of<float>({2}, {1, .5f});

TEST(Resize, PicksTheNearestPixel) {
  check_cases({
      {"up", "Resize", {kLine, {}, kUp}, {}, {Tensor::of<float>({1, 8}, {1, 1, 2, 2, 3, 3, 4, 4})}},
      {"down, rounding up",
       "Resize",
       {kLine, {}, kDown},
       {{"nearest_mode", s("ceil")}},
       {Tensor::of<float>({1, 2}, {2, 4})}},
      {"texts",
       "Resize",
       {Tensor::of<std::string>({2}, {"a", "b"}), {}, {}, Tensor::of<std::int64_t>({1}, {3})},
       {{"coordinate_transformation_mode", s("asymmetric")}, {"nearest_mode", s("floor")}},
       {Tensor::of<std::string>({3}, {"a", "a", "b"})}},
      {"64-bit integers stay exact",
       "Resize",
       {Tensor::of<std::int64_t>({1}, {(1LL << 60) + 1}), {}, Tensor::of<float>({1}, {2})},
       {},
       {Tensor::of<std::int64_t>({2}, {(1LL << 60) + 1, (1LL << 60) + 1})}},
      {"one axis by name",
       "Resize",
       {kLine, {}, {}, Tensor::of<std::int64_t>({1}, {2})},
       {{"axes", std::vector<std::int64_t>{-1}}},
       {Tensor::of<float>({1, 2}, {1, 3})}},
      {"aspect kept",
       "Resize",
       {Tensor::of<float>({2, 1}, {1, 2}), {}, {}, Tensor::of<std::int64_t>({2}, {4, 9})},
       {{"keep_aspect_ratio_policy", s("not_larger")}},
       {Tensor::of<float>({4, 2}, {1, 1, 1, 1, 2, 2, 2, 2})}},
  });
}

TEST(Resize, Interpolates) {
  const Tensor two = Tensor::of<float>({1, 2}, {0, 4});
  check_cases({
      {"linear",
       "Resize",
       {two, {}, kUp},
       {{"mode", s("linear")}},
       {Tensor::of<float>({1, 4}, {0, 1, 3, 4})}},
      {"align_corners",
       "Resize",
       {Tensor::of<float>({2}, {0, 6}), {}, {}, Tensor::of<std::int64_t>({1}, {4})},
       {{"mode", s("linear")}, {"coordinate_transformation_mode", s("align_corners")}},
       {Tensor::of<float>({4}, {0, 2, 4, 6})}},
      {"antialias",
       "Resize",
       {kLine, {}, kDown},
       {{"mode", s("linear")}, {"antialias", std::int64_t{1}}},
       {Tensor::of<float>({1, 2}, {1.625f, 3.375f})}},
      {"cubic",
       "Resize",
       {kLine, {}, kDown},
       {{"mode", s("cubic")}},
       {Tensor::of<float>({1, 2}, {1.40625f, 3.59375f})}},
      {"cubic without the outside",
       "Resize",
       {kLine, {}, kDown},
       {{"mode", s("cubic")}, {"exclude_outside", std::int64_t{1}}},
       {Tensor::of<float>({1, 2}, {1.3714286f, 3.6285714f})}},
      {"cropped",
       "Resize",
       {kLine, Tensor::of<float>({2}, {0, 2}), {}, Tensor::of<std::int64_t>({1}, {3})},
       {{"mode", s("linear")},
        {"coordinate_transformation_mode", s("tf_crop_and_resize")},
        {"axes", std::vector<std::int64_t>{1}},
        {"extrapolation_value", 9.0f}},
       {Tensor::of<float>({1, 3}, {1, 4, 9})}},
      {"bytes are cut",
       "Resize",
       {Tensor::of<std::uint8_t>({2}, {1, 2}), {}, Tensor::of<float>({1}, {2})},
       {{"mode", s("linear")}},
       {Tensor::of<std::uint8_t>({4}, {1, 1, 1, 2})}},
  });
}

TEST(Resize, RefusesWhatDoesNotFit) {
  check_error({"both", "Resize", {kLine, {}, kUp, Tensor::of<std::int64_t>({2}, {1, 2})}, {}, {kLine}},
              "expected either scales or sizes");
  check_error({"count", "Resize", {kLine, {}, Tensor::of<float>({1}, {2})}, {}, {kLine}},
              "expected 2 scales, got 1");
  check_error({"sign", "Resize", {kLine, {}, Tensor::of<float>({2}, {1, -2})}, {}, {kLine}},
              "expected scales above 0, got -2");
  check_error({"mode", "Resize", {kLine, {}, kUp}, {{"mode", s("area")}}, {kLine}},
              "expected mode nearest, linear or cubic, got 'area'");
}

}  // namespace
}  // namespace atlas

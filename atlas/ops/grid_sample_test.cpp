// GridSample and AffineGrid.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

std::string s(const char* text) {
  return text;
}

TEST(GridSample, SamplesEverywhere) {
  const Tensor line = Tensor::of<float>({1, 1, 4}, {1, 2, 3, 4});
  // Pixels -0.5, 1.5 and 4.5.
  const Tensor grid = Tensor::of<float>({1, 3, 1}, {-1, 0, 1.5f});
  const auto out = [](float a, float b, float c) { return Tensor::of<float>({1, 1, 3}, {a, b, c}); };
  check_cases({
      {"zeros outside", "GridSample", {line, grid}, {}, {out(.5f, 2.5f, 0)}},
      {"borders repeat", "GridSample", {line, grid}, {{"padding_mode", s("border")}}, {out(1, 2.5f, 4)}},
      {"mirrored", "GridSample", {line, grid}, {{"padding_mode", s("reflection")}}, {out(1, 2.5f, 3.5f)}},
      {"nearest, ties to even", "GridSample", {line, grid}, {{"mode", s("nearest")}}, {out(1, 3, 0)}},
      {"cubic",
       "GridSample",
       {line, grid},
       {{"mode", s("cubic")}, {"padding_mode", s("border")}},
       {out(.90625f, 2.5f, 4)}},
      {"corners aligned",
       "GridSample",
       {line, Tensor::of<float>({1, 3, 1}, {-1, 0, 1})},
       {{"align_corners", std::int64_t{1}}},
       {out(1, 2.5f, 4)}},
      {"x before y",
       "GridSample",
       {Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), Tensor::of<float>({1, 1, 1, 2}, {1, -1})},
       {{"align_corners", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 1, 1}, {2})}},
  });
  check_error(
      {"coordinates", "GridSample", {line, Tensor::of<float>({1, 3, 2}, {0, 0, 0, 0, 0, 0})}, {}, {line}},
      "expected a grid of 1 coordinates");
}

TEST(AffineGrid, MapsPoints) {
  const Tensor size = Tensor::of<std::int64_t>({4}, {1, 1, 1, 2});
  const Tensor theta = Tensor::of<float>({1, 2, 3}, {1, 0, .25f, 0, 2, 1});
  check_cases({
      {"pixel centres",
       "AffineGrid",
       {theta, size},
       {},
       {Tensor::of<float>({1, 1, 2, 2}, {-.25f, 1, .75f, 1})}},
      {"corners",
       "AffineGrid",
       {theta, size},
       {{"align_corners", std::int64_t{1}}},
       {Tensor::of<float>({1, 1, 2, 2}, {-.75f, -1, 1.25f, -1})}},
      {"volumes",
       "AffineGrid",
       {Tensor::of<double>({1, 3, 4}, {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0}),
        Tensor::of<std::int64_t>({5}, {1, 1, 2, 1, 1})},
       {},
       {Tensor::of<double>({1, 2, 1, 1, 3}, {-.5, 0, 0, .5, 0, 0})}},
  });
  check_error({"theta",
               "AffineGrid",
               {Tensor::of<float>({1, 3, 4}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), size},
               {},
               {theta}},
              "expected theta of shape [1,2,3], got [1,3,4]");
}

}  // namespace
}  // namespace atlas

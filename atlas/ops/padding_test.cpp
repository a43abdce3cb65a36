// Borders of every kind.
#include <gtest/gtest.h>

#include "atlas/ops/content_test.h"
#include "atlas/ops/op_harness_test.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor list(Ints values) {
  return Tensor::of_ints(values);
}
Tensor i32(Shape shape, Ints values) {
  return from_ints(DType::I32, std::move(shape), values);
}
Attributes mode(const char* name) {
  return {{"mode", std::string(name)}};
}

TEST(Pad, KnowsFourModes) {
  const Tensor x = i32({3}, {1, 2, 3});
  check_cases({
      {"zeros", "Pad", {x, list({1, 2})}, {}, {i32({6}, {0, 1, 2, 3, 0, 0})}},
      {"value", "Pad", {x, list({1, 0}), i32({}, {9})}, mode("constant"), {i32({4}, {9, 1, 2, 3})}},
      {"reflect beyond one period",
       "Pad",
       {x, list({3, 4})},
       mode("reflect"),
       {i32({10}, {2, 3, 2, 1, 2, 3, 2, 1, 2, 3})}},
      {"edge", "Pad", {x, list({2, 1})}, mode("edge"), {i32({6}, {1, 1, 1, 2, 3, 3})}},
      {"wrap", "Pad", {x, list({1, 4})}, mode("wrap"), {i32({8}, {3, 1, 2, 3, 1, 2, 3, 1})}},
      {"takes away, then reflects", "Pad", {x, list({-1, 1})}, mode("reflect"), {i32({3}, {2, 3, 2})}},
      {"named axes",
       "Pad",
       {i32({1, 2}, {1, 2}), list({1, 0}), Datum(), list({-1})},
       {},
       {i32({1, 3}, {0, 1, 2})}},
      {"strings",
       "Pad",
       {Tensor::of<std::string>({1}, {"a"}), list({1, 0})},
       {},
       {Tensor::of<std::string>({2}, {"", "a"})}},
  });
  check_error({"mode", "Pad", {x, list({1, 1})}, mode("mirror"), {x}}, "expected mode");
  check_error({"count", "Pad", {x, list({1, 1, 1})}, {}, {x}}, "expected 2 pads");
  check_error({"too much", "Pad", {x, list({-2, -2})}, {}, {x}}, "take more than axis 0 has");
  check_error({"of nothing", "Pad", {i32({0}, {}), list({1, 1})}, mode("edge"), {x}}, "nothing is left");
  const Dim n = Dim::symbol("N");
  EXPECT_EQ(text(inferred("Pad", {known({n, 4}), known_list({1, 0, n, 0})})[0]), "f32[2*N+1,4]");
}

TEST(CenterCropPad, CropsAndPads) {
  const Tensor x = i32({2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  check_cases({
      {"pads rows, crops columns",
       "CenterCropPad",
       {x, list({5, 2})},
       {},
       {i32({5, 2}, {0, 0, 2, 3, 7, 8, 0, 0, 0, 0})}},
      {"one axis", "CenterCropPad", {x, list({3})}, {{"axes", Ints{-1}}}, {i32({2, 3}, {2, 3, 4, 7, 8, 9})}},
  });
  check_error({"count", "CenterCropPad", {x, list({5})}, {}, {x}}, "expected 2 extents");
}

}  // namespace
}  // namespace atlas

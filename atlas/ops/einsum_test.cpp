// Einsum.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Attributes equation(const char* text) {
  return {{"equation", std::string(text)}};
}

TEST(Einsum, GivesKnownValues) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor y = Tensor::of<float>({2, 3}, {1, 0, 1, 0, 1, 1});
  check_cases({
      {"transpose", "Einsum", {x}, equation("ij->ji"), {Tensor::of<float>({2, 2}, {1, 3, 2, 4})}},
      {"trace", "Einsum", {x}, equation("ii"), {Tensor::of<float>({}, {5})}},
      {"diagonal", "Einsum", {x}, equation("i i -> i"), {Tensor::of<float>({2}, {1, 4})}},
      {"row sums", "Einsum", {x}, equation("ij->i"), {Tensor::of<float>({2}, {3, 7})}},
      {"product, implicit output",
       "Einsum",
       {x, y},
       equation("ij,jk"),
       {Tensor::of<float>({2, 3}, {1, 2, 3, 3, 4, 7})}},
      {"three operands",
       "Einsum",
       {x, y, Tensor::of<float>({3}, {1, 10, 100})},
       equation("ij,jk,k->i"),
       {Tensor::of<float>({2}, {321, 743})}},
      {"ellipsis broadcasts",
       "Einsum",
       {Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4}), Tensor::of<float>({2, 2}, {1, 1, 1, -1})},
       equation("...i,...i->..."),
       {Tensor::of<float>({2, 2}, {3, -1, 7, -1})}},
      {"64-bit integers stay exact",
       "Einsum",
       {Tensor::of<std::int64_t>({1}, {(1LL << 53) + 1}), Tensor::of<std::int64_t>({1}, {1})},
       equation("i,i->"),
       {Tensor::of<std::int64_t>({}, {(1LL << 53) + 1})}},
  });
}

TEST(Einsum, RefusesBadEquations) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  check_error({"inputs", "Einsum", {x}, equation("ij,jk->ik"), {x}}, "expected an equation for 1 inputs");
  check_error({"rank", "Einsum", {x}, equation("ijk->i"), {x}}, "term 'ijk' does not fit an input of rank 2");
  check_error({"extents", "Einsum", {x}, equation("ii->i"), {x}}, "do not broadcast");
  check_error({"output", "Einsum", {x}, equation("ij->ik"), {x}},
              "each output label once and among the inputs");
  check_error({"sign", "Einsum", {x}, equation("i.->i"), {x}}, "does not fit");
}

}  // namespace
}  // namespace atlas

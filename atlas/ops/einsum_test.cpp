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

// The shapes that its form as MatMul must tell apart; the harness compares the two.
TEST(Einsum, IsAMatrixProduct) {
  const Tensor one = Tensor::of<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor two = Tensor::of<float>({2, 2, 2}, {1, 0, 2, 1, 0, 1, 1, 3});
  const Tensor pair = Tensor::of<float>({2}, {1, 10});
  check_cases({
      {"heads",
       "Einsum",
       {one, two},
       equation("bid,bjd->bij"),
       {Tensor::of<float>({2, 2, 2}, {1, 4, 3, 10, 6, 23, 8, 31})}},
      {"turned output",
       "Einsum",
       {one, two},
       equation("bid,bjd->jbi"),
       {Tensor::of<float>({2, 2, 2}, {1, 3, 6, 8, 4, 10, 23, 31})}},
      {"rows of two axes, sum over two",
       "Einsum",
       {one, two},
       equation("abc,bcd->ad"),
       {Tensor::of<float>({2, 2}, {9, 17, 25, 37})}},
      {"rows and columns of two axes",
       "Einsum",
       {one, two},
       equation("abk,kcd->abcd"),
       {Tensor::of<float>({2, 2, 2, 2}, {1, 2, 4, 7, 3, 4, 10, 15, 5, 6, 16, 23, 7, 8, 22, 31})}},
      {"no row", "Einsum", {pair, one}, equation("i,ijk->jk"), {Tensor::of<float>({2, 2}, {51, 62, 73, 84})}},
      {"nothing to sum over",
       "Einsum",
       {pair, pair},
       equation("i,j->ji"),
       {Tensor::of<float>({2, 2}, {1, 10, 10, 100})}},
      {"axes of one operand summed first",
       "Einsum",
       {one, pair},
       equation("abc,b->b"),
       {Tensor::of<float>({2}, {14, 220})}},
      {"element by element",
       "Einsum",
       {one, two},
       equation("abc,abc->abc"),
       {Tensor::of<float>({2, 2, 2}, {1, 0, 6, 4, 0, 6, 7, 24})}},
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

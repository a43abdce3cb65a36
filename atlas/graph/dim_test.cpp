// Dims: canonical form, arithmetic, evaluation, text.
#include "atlas/graph/dim.h"

#include <gtest/gtest.h>

#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();

const Dim n = Dim::symbol("N");
const Dim h = Dim::symbol("H");

TEST(Dim, EqualExpressionsCompareEqual) {
  EXPECT_EQ((n + Dim(1)) * (n - Dim(1)), n * n - Dim(1));
  EXPECT_EQ(h * n + n * Dim(2), n * (Dim(2) + h));
  EXPECT_EQ(n - n, Dim(0));
  EXPECT_EQ(max(n, h), max(h, n));
  EXPECT_EQ(min(n * h, Dim(4)), min(Dim(4), h * n));
  EXPECT_FALSE(Dim() == Dim());
  EXPECT_FALSE(n == h);
}

TEST(Dim, TextReadsBack) {
  const std::vector<std::pair<Dim, std::string>> cases = {
      {Dim(0), "0"},
      {Dim(-7), "-7"},
      {Dim(kLowest + 1), "-9223372036854775807"},
      {n * Dim(2) + Dim(1), "2*N+1"},
      {Dim(1) - n, "-N+1"},
      {h * n - h, "-H+H*N"},
      {floor_div(h - Dim(1), Dim(2)) + Dim(1), "floor_div(H-1,2)+1"},
      {Dim::symbol("batch size"), "`batch size`"},
      {Dim::symbol("a`b"), "`a``b`"},
      {mod(n, max(h, Dim(3))), "mod(N,max(3,H))"},
      {Dim(), "?"},
  };
  for (const auto& [dim, text] : cases) {
    EXPECT_EQ(dim.text(), text);
    EXPECT_EQ(Dim::parse(text).text(), text);
  }
  for (const char* bad : {"", "2*", "f(1,2)", "N)", "`N", "99999999999999999999", "1a"})
    EXPECT_THROW(Dim::parse(bad), Error) << bad;
  EXPECT_THROW(Dim::parse(std::string(100000, '(')), Error);
}

TEST(Dim, DivisionsSimplify) {
  EXPECT_EQ(floor_div(n * h * Dim(6), h * Dim(3)), n * Dim(2));
  EXPECT_EQ(floor_div(Dim(-7), Dim(2)), Dim(-4));
  EXPECT_EQ(ceil_div(Dim(7), Dim(2)), Dim(4));
  EXPECT_EQ(mod(Dim(-7), Dim(4)), Dim(1));
  EXPECT_EQ(mod(n, n), Dim(0));
  EXPECT_TRUE(floor_div(n, Dim(0)).is_unknown());
  EXPECT_EQ(max(n + Dim(2), n), n + Dim(2));
}

TEST(Dim, EvaluatesAndSubstitutes) {
  const Dim dim = floor_div(n * h - Dim(1), Dim(4)) + max(n, h);
  EXPECT_EQ(dim.evaluate({{"N", 3}, {"H", 5}}), 3 + 5);
  EXPECT_EQ(dim.evaluate({{"N", 3}}), std::nullopt);
  EXPECT_EQ(product({Dim(2), n, n}).evaluate({{"N", 5}}), 50);
  EXPECT_EQ(constant_shape({Dim(2), n}), std::nullopt);
}

TEST(Dim, OverflowIsUnknown) {
  EXPECT_TRUE((Dim(kLowest) - Dim(1)).is_unknown());
  EXPECT_TRUE((Dim(kLowest) * Dim(2)).is_unknown());
  EXPECT_TRUE(floor_div(Dim(kLowest), Dim(-1)).is_unknown());
  EXPECT_EQ((n * n).evaluate({{"N", kLowest}}), std::nullopt);
  Dim grown = n;
  for (int i = 0; i < 40; ++i) grown = grown * (n + Dim::symbol("S" + std::to_string(i)));
  EXPECT_TRUE(grown.is_unknown());
}

}  // namespace
}  // namespace atlas

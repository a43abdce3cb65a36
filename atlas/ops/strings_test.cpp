// String operators.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

Tensor strings(Shape shape, std::initializer_list<std::string> values) {
  return Tensor::of<std::string>(std::move(shape), values);
}
Tensor ints(Shape shape, std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}

TEST(Strings, ConcatenatesWithBroadcasting) {
  check_cases({
      {"rows",
       "StringConcat",
       {strings({2, 1}, {"a", "ü"}), strings({2}, {"1", ""})},
       {},
       {strings({2, 2}, {"a1", "a", "ü1", "ü"})}},
      {"scalars", "StringConcat", {strings({}, {"a"}), strings({}, {"b"})}, {}, {strings({}, {"ab"})}},
      {"empty", "StringConcat", {strings({0}, {}), strings({1}, {"b"})}, {}, {strings({0}, {})}},
  });
}

TEST(Strings, SplitsAtDelimiters) {
  check_cases({
      {"empty parts",
       "StringSplit",
       {strings({2}, {"a--b", "c"})},
       {{"delimiter", "-"}},
       {strings({2, 3}, {"a", "", "b", "c", "", ""}), ints({2}, {3, 1})}},
      {"limit",
       "StringSplit",
       {strings({1, 2}, {"a, b, c", ""})},
       {{"delimiter", ", "}, {"maxsplit", std::int64_t{1}}},
       {strings({1, 2, 2}, {"a", "b, c", "", ""}), ints({1, 2}, {2, 1})}},
      {"no strings",
       "StringSplit",
       {strings({0}, {})},
       {{"delimiter", "-"}},
       {strings({0, 0}, {}), ints({0}, {})}},
      {"scalar",
       "StringSplit",
       {strings({}, {"a-b"})},
       {{"delimiter", "-"}},
       {strings({2}, {"a", "b"}), ints({}, {2})}},
  });
}

TEST(Strings, SplitsAtWhiteSpaceAsPythonDoes) {
  check_cases({
      {"runs",
       "StringSplit",
       {strings({3}, {" a\t b\n", "", "c\u3000d\u00A0e"})},
       {},
       {strings({3, 3}, {"a", "b", "", "", "", "", "c", "d", "e"}), ints({3}, {2, 0, 3})}},
      {"limit",
       "StringSplit",
       {strings({2}, {"  a  b  c ", "d "})},
       {{"maxsplit", std::int64_t{1}}},
       {strings({2, 2}, {"a", "b  c ", "d", ""}), ints({2}, {2, 1})}},
      {"no split",
       "StringSplit",
       {strings({1}, {" a b "})},
       {{"delimiter", ""}, {"maxsplit", std::int64_t{0}}},
       {strings({1, 1}, {"a b "}), ints({1}, {1})}},
  });
}

TEST(Strings, MatchesWholeStrings) {
  check_cases({
      {"domain",
       "RegexFullMatch",
       {strings({2, 2}, {"www.google.com", "www.facebook.com", "x.com", "www.x.com!"})},
       {{"pattern", R"(www\.[\w.-]+\.\bcom\b)"}},
       {Tensor::of<bool>({2, 2}, {true, true, false, false})}},
      {"code points",
       "RegexFullMatch",
       {strings({2}, {"ü", "ab"})},
       {{"pattern", "."}},
       {Tensor::of<bool>({2}, {true, false})}},
  });
  check_error({"pattern", "RegexFullMatch", {strings({1}, {"a"})}, {{"pattern", "(a"}}, {strings({}, {""})}},
              "no regular expression");
}

TEST(Strings, NormalizesCaseAndDropsStopwords) {
  const Tensor days = strings({4}, {"Monday", "tuesday", "École", "MONDAY"});
  const Attribute stop = std::vector<std::string>{"monday"};
  const Attribute yes = std::int64_t{1};
  check_cases({
      {"insensitive",
       "StringNormalizer",
       {days},
       {{"stopwords", stop}},
       {strings({2}, {"tuesday", "École"})}},
      {"sensitive", "StringNormalizer", {days}, {{"stopwords", stop}, {"is_case_sensitive", yes}}, {days}},
      {"upper",
       "StringNormalizer",
       {days.reshaped({1, 4})},
       {{"stopwords", stop}, {"case_change_action", "UPPER"}},
       {strings({1, 2}, {"TUESDAY", "ÉCOLE"})}},
      {"lower",
       "StringNormalizer",
       {days},
       {{"case_change_action", "LOWER"}},
       {strings({4}, {"monday", "tuesday", "école", "monday"})}},
      {"nothing left",
       "StringNormalizer",
       {strings({1, 1}, {"monday"})},
       {{"stopwords", stop}},
       {strings({1, 1}, {""})}},
  });
  check_error({"two rows", "StringNormalizer", {strings({2, 1}, {"a", "b"})}, {}, {days}}, "[C] or [1,C]");
  check_error({"action", "StringNormalizer", {days}, {{"case_change_action", "lower"}}, {days}},
              "expected NONE, LOWER or UPPER");
}

}  // namespace
}  // namespace atlas

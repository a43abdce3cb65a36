// Counts of n-grams.
#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

using Ints = std::vector<std::int64_t>;

Attributes vectorizer(const std::string& mode, int shortest, int longest, int skips) {
  return {{"mode", mode},
          {"min_gram_length", std::int64_t{shortest}},
          {"max_gram_length", std::int64_t{longest}},
          {"max_skip_count", std::int64_t{skips}},
          {"ngram_counts", Ints{0, 4}},
          {"ngram_indexes", Ints{0, 1, 2, 3, 4, 5, 6}},
          {"pool_int64s", Ints{2, 3, 5, 4, 5, 6, 7, 8, 6, 7}}};
}

Attributes with(Attributes attributes, const std::string& name, Attribute value) {
  attributes.set(name, std::move(value));
  return attributes;
}

const Tensor kRows = Tensor::of<std::int64_t>({2, 6}, {1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8});

TEST(TfIdfVectorizer, CountsNgrams) {
  const Tensor line = Tensor::of<std::int32_t>({12}, {1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8});
  check_cases({
      {"adjacent pairs",
       "TfIdfVectorizer",
       {line},
       vectorizer("TF", 2, 2, 0),
       {Tensor::of<float>({7}, {0, 0, 0, 0, 1, 1, 1})}},
      {"pairs with skips",
       "TfIdfVectorizer",
       {line},
       vectorizer("TF", 2, 2, 5),
       {Tensor::of<float>({7}, {0, 0, 0, 0, 1, 3, 1})}},
      {"both, by rows",
       "TfIdfVectorizer",
       {kRows},
       vectorizer("TF", 1, 2, 5),
       {Tensor::of<float>({2, 7}, {0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1})}},
      {"no tokens",
       "TfIdfVectorizer",
       {Tensor(DType::I64, {0})},
       vectorizer("TF", 1, 2, 0),
       {Tensor::of<float>({7}, {0, 0, 0, 0, 0, 0, 0})}},
  });
}

TEST(TfIdfVectorizer, WeighsEachNgramByItsPlaceInThePool) {
  const auto weighted = [](const std::string& mode) {
    return with(with(vectorizer(mode, 1, 2, 1), "ngram_indexes", Ints{6, 1, 2, 3, 4, 5, 0}), "weights",
                std::vector<float>{.1f, .2f, .3f, .4f, .5f, .6f, .7f});
  };
  check_cases({
      {"IDF",
       "TfIdfVectorizer",
       {kRows},
       weighted("IDF"),
       {Tensor::of<float>({2, 7}, {0, .2f, 0, 0, 0, 0, 0, .7f, 0, .3f, 0, .5f, 0, 0})}},
      {"TFIDF",
       "TfIdfVectorizer",
       {kRows},
       weighted("TFIDF"),
       {Tensor::of<float>({2, 7}, {0, .6f, 0, 0, 0, 0, 0, .7f, 0, .3f, 0, .5f, 0, 0})}},
  });
}

TEST(TfIdfVectorizer, CountsStrings) {
  Attributes attributes =
      with(vectorizer("TF", 1, 2, 0), "pool_strings", std::vector<std::string>{"a", "b", "a", "b", "b", "c"});
  attributes.erase("pool_int64s");
  attributes.set("ngram_counts", Ints{0, 2});
  attributes.set("ngram_indexes", Ints{0, 1, 2, 3});
  check_cases({{"pairs",
                "TfIdfVectorizer",
                {Tensor::of<std::string>({5}, {"a", "b", "c", "?", "a"})},
                attributes,
                {Tensor::of<float>({4}, {2, 1, 1, 1})}}});
}

TEST(TfIdfVectorizer, RefusesABrokenPool) {
  const Tensor x = Tensor(DType::F32, {7});
  const Attributes good = vectorizer("TF", 1, 2, 0);
  check_error({"starts", "TfIdfVectorizer", {kRows}, with(good, "ngram_counts", Ints{0, 40}), {x}},
              "ascending positions in a pool of 10");
  check_error({"indexes", "TfIdfVectorizer", {kRows}, with(good, "ngram_indexes", Ints{0, 1}), {x}},
              "has 2 numbers, the pool more n-grams");
  check_error({"negative", "TfIdfVectorizer", {kRows}, with(good, "ngram_indexes", Ints(7, -2)), {x}},
              "holds -2");
  check_error({"mode", "TfIdfVectorizer", {kRows}, with(good, "mode", "tf"), {x}},
              "expected TF, IDF or TFIDF");
  check_error({"strings", "TfIdfVectorizer", {Tensor(DType::String, {1})}, good, {x}}, "'pool_strings'");
}

}  // namespace
}  // namespace atlas

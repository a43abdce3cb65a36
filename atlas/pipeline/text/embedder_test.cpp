// A model whose hidden states can be told in advance.
#include "atlas/pipeline/text/embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "atlas/base/error.h"
#include "atlas/graph/text_parser.h"
#include "atlas/pipeline/recipe/embedder_fields.h"
#include "atlas/pipeline/text/tokenizer_json.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Each id becomes [id, 1].
constexpr const char* kModel = R"(graph "ids" {
  input input_ids: i64[B,T]
  input attention_mask: i64[B,T]
  const axis = i64[1]{2}
  const to = i64[]{1}
  column: ? = Unsqueeze(input_ids, axis)
  real: ? = Cast(column) {to = 1}
  zero: ? = Sub(real, real)
  one: ? = Exp(zero)
  hidden: ? = Concat(real, one) {axis = 2}
  output hidden
})";

Tokenizer tokenizer() {
  return parse_tokenizer_json(R"({"model": {"type": "WordLevel", "vocab": {"a": 1, "b": 3, "c": 8}},
                                  "pre_tokenizer": {"type": "WhitespaceSplit"}})",
                              "t");
}

struct Opened {
  explicit Opened(const std::string& text) : session(parse_graph(text), registry) {}
  Registry registry = standard_registry();
  Session session;
};

TEST(TextEmbedder, PoolsEachText) {
  const Opened model(kModel);
  const std::vector<std::string> texts{"a b", "c", "a c b", "b a"};
  const TextEmbedder mean(model.session, tokenizer(), {.normalize = false});
  EXPECT_THAT(mean.embed(texts),
              ElementsAre(ElementsAre(2, 1), ElementsAre(8, 1), ElementsAre(4, 1), ElementsAre(2, 1)));
  const TextEmbedder first(model.session, tokenizer(),
                           {.pooling = Pooling::First, .normalize = false, .most_texts = 1});
  EXPECT_THAT(first.embed(texts),
              ElementsAre(ElementsAre(1, 1), ElementsAre(8, 1), ElementsAre(1, 1), ElementsAre(3, 1)));
}

TEST(TextEmbedder, TruncatesAndNormalizes) {
  const Opened model(kModel);
  const TextEmbedder embedder(model.session, tokenizer(), {.most_tokens = 1});
  const std::vector<std::vector<float>> vectors = embedder.embed(std::vector<std::string>{"b c c c"});
  EXPECT_NEAR(vectors[0][0], 3 / std::sqrt(10.0), 1e-6);
}

TEST(TextEmbedder, SaysWhatItExpected) {
  const auto message = [](auto act) {
    try {
      act();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const Opened other(R"(graph "g" { input pixels: f32[2] y: ? = Relu(pixels) output y })");
  EXPECT_THAT(message([&] { TextEmbedder(other.session, tokenizer(), {}); }),
              HasSubstr("expected inputs input_ids, attention_mask and token_type_ids, got 'pixels'"));
  const Opened flat(R"(graph "g" { input input_ids: i64[B,T] y: ? = Neg(input_ids) output y })");
  EXPECT_THAT(
      message([&] { TextEmbedder(flat.session, tokenizer(), {}).embed(std::vector<std::string>{"a"}); }),
      HasSubstr("expected f32[1,1,size] or f32[1,size] as its first output, got i64[1,1]"));
  const Opened model(kModel);
  EXPECT_THAT(
      message([&] { TextEmbedder(model.session, tokenizer(), {}).embed(std::vector<std::string>{""}); }),
      HasSubstr("expected texts of a token or more"));
}

TEST(Lines, AreThoseWithText) {
  EXPECT_THAT(lines_with_text("a\n\n  b c \r\n \t\nd", 9), ElementsAre("a", "b c", "d"));
  EXPECT_THROW(lines_with_text(" \n", 9), Error);
  EXPECT_THROW(lines_with_text("a\nb", 1), Error);
}

}  // namespace
}  // namespace atlas

#include "atlas/pipeline/post/sequence_labels.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kLabels{"O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC", "MISC"};

/// Spans of tokens that have these labels.
std::vector<std::string> spans(const std::vector<std::string>& tokens) {
  Tensor logits(DType::F32, {1, static_cast<std::int64_t>(tokens.size()), 8});
  std::ranges::fill(logits.values_mutable<float>(), 0.0f);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const auto label = std::ranges::find(kLabels, tokens[t]) - kLabels.begin();
    logits.values_mutable<float>()[t * 8 + static_cast<std::size_t>(label)] = 5;
  }
  std::vector<std::string> out;
  for (const LabelledSpan& span : labelled_spans(logits, kLabels))
    out.push_back(fmt::format("{} {}-{}", span.label, span.first, span.end));
  return out;
}

TEST(SequenceLabels, BeginningsAndContinuationsMakeSpans) {
  EXPECT_THAT(spans({"O", "B-PER", "I-PER", "O", "B-LOC"}), ElementsAre("PER 1-3", "LOC 4-5"));
  EXPECT_THAT(spans({"B-PER", "B-PER", "I-PER"}), ElementsAre("PER 0-1", "PER 1-3"));
  EXPECT_THAT(spans({"B-PER", "I-LOC", "I-LOC"}), ElementsAre("PER 0-1", "LOC 1-3"));
  EXPECT_THAT(spans({"I-PER", "O", "I-PER"}), ElementsAre("PER 0-1", "PER 2-3"));
  EXPECT_THAT(spans({"B-LOC", "E-LOC", "I-LOC", "S-LOC", "I-LOC"}),
              ElementsAre("LOC 0-2", "LOC 2-3", "LOC 3-4", "LOC 4-5"));
  EXPECT_THAT(spans({"MISC", "MISC", "O"}), ElementsAre("MISC 0-2"));
  EXPECT_TRUE(spans({"O", "O"}).empty());
}

TEST(SequenceLabels, ScoreIsTheMeanProbability) {
  const std::vector<std::string> labels{"O", "I-X"};
  const Tensor logits = Tensor::of<float>({2, 2}, {0, std::log(3.0f), 0, std::log(9.0f)});
  const auto found = labelled_spans(logits, labels);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].score, (0.75 + 0.9) / 2, 1e-6);
  EXPECT_THROW(labelled_spans(logits, kLabels), Error);
  EXPECT_THROW(labelled_spans(Tensor(DType::F32, {2, 3, 2}), labels), Error);
}

}  // namespace
}  // namespace atlas

#include "atlas/pipeline/audio/speech_segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SegmentOptions kOptions{.least_speech = 15, .least_silence = 20, .padding = 4};

/// Windows of 10 samples, the last of which may be cut short.
std::vector<SpeechSegment> segments(std::vector<float> probabilities, std::int64_t count,
                                    const SegmentOptions& options = kOptions) {
  return speech_segments(probabilities, 10, count, options);
}

TEST(SpeechSegments, PadsWithinTheSound) {
  EXPECT_THAT(segments({0, 0, 0.9f, 0.9f, 0, 0, 0, 0}, 80), ElementsAre(SpeechSegment{16, 44}));
  EXPECT_THAT(segments({0.9f, 0.9f, 0.9f}, 28), ElementsAre(SpeechSegment{0, 28}));
  EXPECT_THAT(segments({0, 0, 0}, 30), IsEmpty());
  EXPECT_THAT(segments({}, 0), IsEmpty());
}

TEST(SpeechSegments, LeavesShortOnesOut) {
  EXPECT_THAT(segments({0, 0.9f, 0, 0, 0, 0.9f, 0.9f, 0, 0, 0}, 100), ElementsAre(SpeechSegment{46, 74}));
}

TEST(SpeechSegments, GoesOnOverShortGapsAndWhileNotReleased) {
  EXPECT_THAT(segments({0.9f, 0.9f, 0, 0.9f, 0, 0, 0}, 70), ElementsAre(SpeechSegment{0, 44}));
  // 0.4 is below the threshold, but not below the release; it does not begin speech either.
  EXPECT_THAT(segments({0.4f, 0.9f, 0.4f, 0.4f, 0.4f, 0, 0, 0}, 80), ElementsAre(SpeechSegment{6, 54}));
}

TEST(SpeechSegments, MeetsInTheMiddleOfAGap) {
  EXPECT_THAT(
      segments({0.9f, 0.9f, 0, 0, 0.9f, 0.9f}, 60, {.least_speech = 15, .least_silence = 10, .padding = 15}),
      ElementsAre(SpeechSegment{0, 30}, SpeechSegment{30, 60}));
}

}  // namespace
}  // namespace atlas

// Against librosa and soxr on a second of speech (tools/make_sounds), and against what can be said in advance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

#include "atlas/base/error.h"
#include "atlas/pipeline/audio/mel.h"
#include "atlas/pipeline/audio/mono.h"
#include "atlas/pipeline/audio/resample.h"
#include "atlas/tensor/npz.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Tensor& golden(const std::string& name) {
  static const NamedTensors tensors = read_npz(ATLAS_TESTDATA "/audio.npz");
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  throw std::runtime_error("no " + name + " in audio.npz");
}

std::vector<float> speech(const std::string& name = "samples") {
  std::vector<float> out;
  for (const std::int16_t sample : golden(name).values<std::int16_t>())
    out.push_back(static_cast<float>(sample) / 32768);
  return out;
}

MelOptions options() {
  return {.rate_hz = 16000, .stft = {.fft_size = 512, .hop = 128}, .mels = 40};
}

/// The largest difference between `expected` and every `stride`-th frame of `got`.
float largest_error(const Tensor& got, const Tensor& expected, std::size_t stride = 1) {
  EXPECT_EQ(got.dim(0), expected.dim(0));
  const auto frames = static_cast<std::size_t>(got.dim(1)), kept = static_cast<std::size_t>(expected.dim(1));
  EXPECT_LE((kept - 1) * stride, frames - 1);
  EXPECT_GT(kept, 1u);
  float worst = 0;
  for (std::size_t row = 0; row < static_cast<std::size_t>(expected.dim(0)); ++row)
    for (std::size_t i = 0; i < kept; ++i)
      worst = std::max(worst, std::abs(got.values<float>()[row * frames + i * stride] -
                                       expected.values<float>()[row * kept + i]));
  return worst;
}

template <typename Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Audio, MixesChannels) {
  EXPECT_THAT(mix_down({8000, Tensor::of<float>({2, 2}, {1, 0, 0.5f, -1})}), ElementsAre(0.75f, -0.5f));
}

TEST(Audio, SpectrogramIsLibrosas) {
  EXPECT_LT(largest_error(power_spectrogram(speech(), options().stft), golden("power"), 8), 1e-3f);
}

TEST(Audio, SpectrogramShowsATone) {
  std::vector<float> tone(4096);
  for (std::size_t i = 0; i < tone.size(); ++i) tone[i] = std::cos(2 * std::numbers::pi_v<float> * 32 * i / 512);
  const Tensor power = power_spectrogram(tone, {.fft_size = 512, .hop = 256, .centered = false});
  ASSERT_EQ(power.shape(), (Shape{257, 15}));
  const auto at = [&](std::size_t bin) { return power.values<float>()[bin * 15 + 14]; };
  EXPECT_NEAR(at(32), 128 * 128, 1);  // half of the window's sum, squared
  EXPECT_NEAR(at(33), 64 * 64, 1);
  EXPECT_NEAR(at(40), 0, 1e-3);
}

TEST(Audio, MelFiltersAreLibrosas) {
  EXPECT_LT(largest_error(mel_filters(options()), golden("filters")), 1e-6f);
  MelOptions htk = options();
  htk.mels = 20;
  htk.lowest_hz = 20;
  htk.highest_hz = 7600;
  htk.scale = MelScale::Htk;
  htk.equal_area = false;
  EXPECT_LT(largest_error(mel_filters(htk), golden("filters_htk")), 1e-5f);
}

TEST(Audio, FeaturesAreLibrosas) {
  EXPECT_LT(largest_error(power_to_db(mel_spectrogram(speech(), options())), golden("log_mel"), 4), 1e-3f);
  EXPECT_LT(largest_error(mfcc(speech(), options(), 13), golden("mfcc"), 4), 1e-3f);
}

TEST(Audio, WhispersFeatures) {
  const Tensor features = whisper_log_mel(speech());
  ASSERT_EQ(features.shape(), (Shape{80, 3000}));
  EXPECT_LT(largest_error(features, golden("whisper"), 4), 1e-3f);
  EXPECT_NEAR(features.values<float>()[2000], golden("whisper_silence").values<float>()[0], 1e-3);
}

TEST(Audio, ResamplesAsSoxrDoes) {
  for (const auto& [rate, name] : std::map<int, std::string>{{8000, "to_8000"}, {44100, "to_44100"}}) {
    const std::vector<float> got = resample(speech("narrow"), 16000, rate);
    const auto expected = golden(name).values<float>();
    EXPECT_EQ(got.size(), rate == 8000 ? 8000u : 44100u);
    // Away from the ends, where the two know different things of what lies beyond. -90 dB.
    double error = 0, power = 0;
    for (std::size_t i = 500; i + 500 < expected.size(); ++i) {
      error += std::pow(got[i] - expected[i], 2);
      power += std::pow(expected[i], 2);
    }
    EXPECT_LT(error / power, 1e-9) << rate;
  }
}

TEST(Audio, ResamplingKeepsTonesAndDropsWhatCannotBe) {
  const auto tone = [](double hz, int rate) {
    std::vector<float> out(static_cast<std::size_t>(rate) / 2);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate));
    return out;
  };
  for (const int rate : {8000, 16000, 22050, 48000}) {
    const std::vector<float> got = resample(tone(1000, 44100), 44100, rate), expected = tone(1000, rate);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 600; i + 600 < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 2e-5) << rate << " " << i;
  }
  const std::vector<float> silence = resample(tone(6000, 44100), 44100, 8000);
  for (std::size_t i = 200; i + 200 < silence.size(); ++i) ASSERT_NEAR(silence[i], 0, 2e-5);
  EXPECT_EQ(resample(std::vector<float>{1, 2}, 8000, 8000), (std::vector<float>{1, 2}));
  EXPECT_TRUE(resample({}, 8000, 16000).empty());
}

TEST(Audio, SaysWhatItExpected) {
  const std::vector<float> few(10);
  EXPECT_THAT(message_of([&] { resample(few, 0, 8000); }), HasSubstr("expected rates from 1 to"));
  EXPECT_THAT(message_of([&] { resample(few, 767999, 768000); }), HasSubstr("expected rates of a simpler ratio"));
  EXPECT_THAT(message_of([&] { power_spectrogram(few, {.fft_size = 511}); }), HasSubstr("expected an even FFT size"));
  EXPECT_THAT(message_of([&] { power_spectrogram(few, {.fft_size = 64, .edge = Edge::Reflect}); }),
              HasSubstr("expected more than 32 samples to reflect, got 10"));
  EXPECT_THAT(message_of([&] { power_spectrogram(few, {.fft_size = 64, .centered = false}); }),
              HasSubstr("expected 64 samples or more, got 10"));
  EXPECT_THAT(message_of([&] { mfcc(speech(), options(), 41); }), HasSubstr("expected 1 to 40 coefficients, got 41"));
  MelOptions wrong = options();
  wrong.highest_hz = 9000;
  EXPECT_THAT(message_of([&] { mel_filters(wrong); }), HasSubstr("frequencies in order up to half of 16000 Hz"));
}

}  // namespace
}  // namespace atlas

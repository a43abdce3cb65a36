#include "atlas/media/sound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/tensor/npy.h"

namespace atlas {
namespace {

using testing::HasSubstr;

const std::filesystem::path kSounds = ATLAS_TESTDATA "/sounds";

std::string message_of(std::span<const std::uint8_t> bytes, std::size_t most_samples = 1 << 20) {
  try {
    decode_sound(bytes, "x", most_samples);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

float largest_difference(const Tensor& a, const Tensor& b) {
  float worst = 0;
  for (std::size_t i = 0; i < a.element_count(); ++i)
    worst = std::max(worst, std::abs(a.values<float>()[i] - b.values<float>()[i]));
  return worst;
}

TEST(Sound, DecodesEveryFormatAsSoundfileDoes) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kSounds)) {
    if (entry.path().extension() == ".npy") continue;
    const Sound sound = read_sound(entry.path());
    const Tensor expected = read_npy(entry.path().string() + ".npy");
    EXPECT_EQ(sound.rate_hz, 8000) << entry.path();
    ASSERT_EQ(sound.samples.shape(), expected.shape()) << entry.path();
    // Lossy codecs compute in floating point, which differs from one machine to the next.
    EXPECT_LE(largest_difference(sound.samples, expected), entry.path().extension() == ".ogg" ? 1e-3f : 0.0f)
        << entry.path();
    ++count;
  }
  EXPECT_EQ(count, 7);
}

TEST(Sound, WritesWhatReadsBack) {
  Sound sound{16000, Tensor::of<float>({2, 3}, {0, 0.5f, -1, 0.25f, 1, -2})};
  const Sound as_integers = decode_sound(encode_wav(sound));
  EXPECT_EQ(as_integers.rate_hz, 16000);
  // Full scale is one step below 1, and what is beyond it is clipped.
  EXPECT_EQ(largest_difference(as_integers.samples, Tensor::of<float>({2, 3}, {0, 0.5f, -1, 0.25f, 32767.0f / 32768, -1})),
            0);
  const Sound as_floats = decode_sound(encode_wav(sound, WavFormat::Float32));
  EXPECT_EQ(largest_difference(as_floats.samples, sound.samples), 0);
  const Sound empty{8000, Tensor(DType::F32, {1, 0})};
  EXPECT_EQ(decode_sound(encode_wav(empty)).samples.shape(), (Shape{1, 0}));
}

TEST(Sound, RefusesWhatIsNone) {
  EXPECT_THAT(message_of({}), HasSubstr("x: expected WAV, FLAC or Ogg, got 0 other bytes"));
  const std::string mp3 = "ID3\x03" + std::string(100, 'a');
  EXPECT_THAT(message_of({reinterpret_cast<const std::uint8_t*>(mp3.data()), mp3.size()}), HasSubstr("x: expected WAV"));
  const std::vector<std::uint8_t> wav = read_file(kSounds / "stereo.wav");
  EXPECT_THAT(message_of(std::span(wav).first(16)), HasSubstr("x: expected a sound, got damaged bytes"));
  EXPECT_THAT(message_of(wav, 1000), HasSubstr("x: expected at most 1000 samples, got more"));
}

TEST(Sound, SurvivesDamage) {
  for (const auto& entry : std::filesystem::directory_iterator(kSounds)) {
    if (entry.path().extension() == ".npy") continue;
    const std::vector<std::uint8_t> whole = read_file(entry.path());
    for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 101) {
      std::vector<std::uint8_t> bytes = whole;
      bytes[at] ^= 0xA5;
      message_of(bytes);
      message_of(std::span(whole).first(at));
    }
  }
}

}  // namespace
}  // namespace atlas

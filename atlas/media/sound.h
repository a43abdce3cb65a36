// Sound in files and bytes to samples and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "atlas/tensor/tensor.h"

namespace atlas {

inline constexpr int kMostSampleRateHz = 768'000;
inline constexpr int kMostChannels = 64;

struct Sound {
  int rate_hz = 0;
  Tensor samples;  // F32 [channels, frames]; full scale is -1 to 1
};

/// WAV, FLAC or Ogg (Vorbis, Opus), told apart by their first bytes. `where` opens messages. Throws InvalidArgument
/// on damaged bytes, Unsupported on unknown formats, rates beyond kMostSampleRateHz and more than kMostChannels,
/// ResourceExhausted beyond `most_samples` over all channels.
Sound decode_sound(std::span<const std::uint8_t> bytes, std::string_view where = "sound",
                   std::size_t most_samples = std::size_t{1} << 28);

/// The same from a file, which names itself in messages.
Sound read_sound(const std::filesystem::path& path);

enum class WavFormat { Pcm16, Float32 };

/// A WAV file. With Pcm16 samples are rounded to multiples of 1/32768 and those beyond full scale are clipped.
std::vector<std::uint8_t> encode_wav(const Sound& sound, WavFormat format = WavFormat::Pcm16);

/// Writes a WAV file. Throws Unsupported where `path` does not end in .wav.
void write_sound(const std::filesystem::path& path, const Sound& sound);

}  // namespace atlas

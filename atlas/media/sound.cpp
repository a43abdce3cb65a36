// libsndfile, reading from and writing to memory. It knows many formats; only those asked for get to it.
#include "atlas/media/sound.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "atlas/base/error.h"
#include "atlas/base/file.h"

namespace atlas {
namespace {

/// What libsndfile takes for a file: bytes to read, or those written so far.
struct Memory {
  std::span<const std::uint8_t> in;
  std::vector<std::uint8_t> out;
  sf_count_t at = 0;
  bool writes = false;

  sf_count_t size() const { return static_cast<sf_count_t>(writes ? out.size() : in.size()); }
};

sf_count_t length(void* user) {
  return static_cast<Memory*>(user)->size();
}

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? memory.at : memory.size();
  memory.at = std::clamp<sf_count_t>(offset > memory.size() ? memory.size() : from + offset, 0, memory.size());
  return memory.at;
}

sf_count_t read(void* to, sf_count_t count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const sf_count_t taken = std::clamp<sf_count_t>(count, 0, memory.size() - memory.at);
  if (taken > 0) std::memcpy(to, memory.in.data() + memory.at, static_cast<std::size_t>(taken));
  memory.at += taken;
  return taken;
}

sf_count_t write(const void* from, sf_count_t count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const auto end = static_cast<std::size_t>(memory.at + count);
  if (end > memory.out.size()) memory.out.resize(end);
  std::memcpy(memory.out.data() + memory.at, from, static_cast<std::size_t>(count));
  memory.at += count;
  return count;
}

sf_count_t tell(void* user) {
  return static_cast<Memory*>(user)->at;
}

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Close>;

File open(Memory& memory, int mode, SF_INFO& info) {
  SF_VIRTUAL_IO io{length, seek, read, write, tell};
  return File(sf_open_virtual(&io, mode, &info, &memory));
}

bool starts(std::span<const std::uint8_t> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

bool is_known(std::span<const std::uint8_t> bytes) {
  const bool is_wav = starts(bytes, "RIFF") && bytes.size() >= 12 && starts(bytes.subspan(8), "WAVE");
  return is_wav || starts(bytes, "fLaC") || starts(bytes, "OggS");
}

/// Samples of all frames, channel by channel in turn. A header may promise more frames than there are.
std::vector<float> read_interleaved(SNDFILE* file, std::size_t channels, std::string_view where,
                                    std::size_t most_samples) {
  constexpr std::size_t kFrames = 1 << 14;
  std::vector<float> samples;
  for (;;) {
    const std::size_t size = samples.size();
    samples.resize(size + kFrames * channels);
    const sf_count_t got = sf_readf_float(file, samples.data() + size, kFrames);
    samples.resize(size + static_cast<std::size_t>(std::max<sf_count_t>(got, 0)) * channels);
    if (samples.size() > most_samples)
      fail(ErrorCode::ResourceExhausted, "{}: expected at most {} samples, got more", where, most_samples);
    if (got < static_cast<sf_count_t>(kFrames)) break;
  }
  require(std::ranges::all_of(samples, [](float sample) { return std::isfinite(sample); }),
          "{}: expected finite samples", where);
  return samples;
}

}  // namespace

Sound decode_sound(std::span<const std::uint8_t> bytes, std::string_view where, std::size_t most_samples) {
  if (!is_known(bytes))
    fail(ErrorCode::Unsupported, "{}: expected WAV, FLAC or Ogg, got {} other bytes", where, bytes.size());
  Memory memory{.in = bytes};
  SF_INFO info{};
  const File file = open(memory, SFM_READ, info);
  require(file != nullptr, "{}: expected a sound, got damaged bytes ({})", where, sf_strerror(nullptr));
  if (info.samplerate < 1 || info.samplerate > kMostSampleRateHz || info.channels < 1 || info.channels > kMostChannels)
    fail(ErrorCode::Unsupported, "{}: expected 1 to {} Hz and 1 to {} channels, got {} Hz and {}", where,
         kMostSampleRateHz, kMostChannels, info.samplerate, info.channels);
  const auto channels = static_cast<std::size_t>(info.channels);
  const std::vector<float> interleaved = read_interleaved(file.get(), channels, where, most_samples);
  const std::size_t frames = interleaved.size() / channels;
  Sound sound{info.samplerate, Tensor(DType::F32, {info.channels, static_cast<std::int64_t>(frames)})};
  const auto to = sound.samples.values_mutable<float>();
  for (std::size_t channel = 0; channel < channels; ++channel)
    for (std::size_t frame = 0; frame < frames; ++frame)
      to[channel * frames + frame] = interleaved[frame * channels + channel];
  return sound;
}

Sound read_sound(const std::filesystem::path& path) {
  const std::string where = path.string();
  return decode_sound(read_file(path), where);
}

std::vector<std::uint8_t> encode_wav(const Sound& sound, WavFormat format) {
  require(sound.samples.rank() == 2 && sound.samples.dtype() == DType::F32 && sound.samples.dim(0) >= 1 &&
              sound.samples.dim(0) <= kMostChannels && sound.rate_hz >= 1 && sound.rate_hz <= kMostSampleRateHz,
          "WAV: expected samples f32[1 to {},frames] at 1 to {} Hz, got {} at {} Hz", kMostChannels,
          kMostSampleRateHz, text(sound.samples), sound.rate_hz);
  const auto channels = static_cast<std::size_t>(sound.samples.dim(0));
  const auto frames = static_cast<std::size_t>(sound.samples.dim(1));
  const auto from = sound.samples.values<float>();
  Memory memory{.writes = true};
  SF_INFO info{};
  info.samplerate = sound.rate_hz;
  info.channels = static_cast<int>(channels);
  info.format = SF_FORMAT_WAV | (format == WavFormat::Pcm16 ? SF_FORMAT_PCM_16 : SF_FORMAT_FLOAT);
  File file = open(memory, SFM_WRITE, info);
  ensure(file != nullptr, "libsndfile writes WAV");
  sf_count_t written = 0;
  if (format == WavFormat::Pcm16) {
    std::vector<short> samples(channels * frames);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const float value = from[i % channels * frames + i / channels] * 32768.0f;
      samples[i] = static_cast<short>(std::lrint(std::clamp(value, -32768.0f, 32767.0f)));
    }
    written = sf_writef_short(file.get(), samples.data(), static_cast<sf_count_t>(frames));
  } else {
    std::vector<float> samples(channels * frames);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = from[i % channels * frames + i / channels];
    written = sf_writef_float(file.get(), samples.data(), static_cast<sf_count_t>(frames));
  }
  ensure(written == static_cast<sf_count_t>(frames), "libsndfile writes every frame to memory");
  file.reset();  // completes the header
  return std::move(memory.out);
}

void write_sound(const std::filesystem::path& path, const Sound& sound) {
  if (path.extension() != ".wav")
    fail(ErrorCode::Unsupported, "{}: expected a name that ends in .wav", path.string());
  write_file(path, encode_wav(sound));
}

}  // namespace atlas

// Whole files through stdio, in pieces, so that pipes and devices are bounded too.
#include "atlas/base/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "atlas/base/error.h"

namespace atlas {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

template <typename Bytes>
Bytes read_whole(const std::filesystem::path& path, std::size_t limit_bytes) {
  std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    const int reason = errno;
    fail(reason == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, "{}: cannot be opened: {}", path.string(),
         std::strerror(reason));
  }
  std::error_code unknown;
  const std::uintmax_t expected = std::filesystem::file_size(path, unknown);
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  Bytes bytes;
  if (!unknown && expected <= limit_bytes) bytes.reserve(expected + kPiece);
  std::size_t size = 0;
  for (;;) {
    bytes.resize(size + kPiece);
    const std::size_t got = std::fread(bytes.data() + size, 1, kPiece, file.get());
    size += got;
    if (size > limit_bytes)
      fail(ErrorCode::ResourceExhausted, "{}: expected at most {} bytes, got more", path.string(),
           limit_bytes);
    if (got < kPiece) break;
  }
  if (std::ferror(file.get()))
    fail(ErrorCode::Io, "{}: cannot be read: {}", path.string(), std::strerror(errno));
  bytes.resize(size);
  return bytes;
}

void write_whole(const std::filesystem::path& path, const void* data, std::size_t size) {
  std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "wb"));
  if (!file) fail(ErrorCode::Io, "{}: cannot be written: {}", path.string(), std::strerror(errno));
  bool written = size == 0 || std::fwrite(data, 1, size, file.get()) == size;
  written = std::fclose(file.release()) == 0 && written;
  if (!written) fail(ErrorCode::Io, "{}: writing failed: {}", path.string(), std::strerror(errno));
}

}  // namespace

std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  return read_whole<std::vector<std::uint8_t>>(path, limit_bytes);
}

std::string read_text(const std::filesystem::path& path, std::size_t limit_bytes) {
  return read_whole<std::string>(path, limit_bytes);
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  write_whole(path, bytes.data(), bytes.size());
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  write_whole(path, text.data(), text.size());
}

}  // namespace atlas

// Temporary name, then rename: readers see the old file or the new one, never half of it.
#include "atlas/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "atlas/base/error.h"

namespace atlas {
namespace {

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  static std::atomic<unsigned> counter = 0;
  return path.string() + fmt::format(".{}-{}.part", getpid(), ++counter);
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(path), temporary_(temporary_beside(path)) {
  const int descriptor = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor >= 0) file_.reset(fdopen(descriptor, "wb"));
  if (!file_) fail(ErrorCode::Io, "{}: cannot be written: {}", path.string(), std::strerror(errno));
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::append(std::span<const std::byte> bytes) {
  if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
    fail(ErrorCode::Io, "{}: writing failed: {}", path_.string(), std::strerror(errno));
  size_bytes_ += bytes.size();
}

void AtomicFile::commit() {
  std::error_code error;
  if (std::fflush(file_.get()) == 0) {
    std::filesystem::rename(temporary_, path_, error);
  } else {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) fail(ErrorCode::Io, "{}: writing failed: {}", path_.string(), error.message());
  file_.reset();
}

}  // namespace atlas

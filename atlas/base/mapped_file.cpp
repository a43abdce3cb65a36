// mmap, with the pages of large copies given back.
#include "atlas/base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "atlas/base/error.h"

namespace atlas {
namespace {

struct Descriptor {
  explicit Descriptor(const std::filesystem::path& path)
      : number(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file(path);
  if (file.number < 0) {
    const int reason = errno;
    fail(reason == ENOENT || reason == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io,
         "{}: cannot be opened: {}", path.string(), std::strerror(reason));
  }
  struct stat status = {};
  if (fstat(file.number, &status) != 0)
    fail(ErrorCode::Io, "{}: cannot be examined: {}", path.string(), std::strerror(errno));
  require(S_ISREG(status.st_mode), "{}: expected a regular file", path.string());
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;
  void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (memory == MAP_FAILED)
    fail(ErrorCode::Io, "{}: cannot be mapped: {}", path.string(), std::strerror(errno));
  bytes_ = {static_cast<const std::byte*>(memory), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::prefer_huge_pages() const noexcept {
  if (!bytes_.empty()) madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), MADV_HUGEPAGE);
}

void MappedFile::copy(std::size_t offset, std::span<std::byte> to) const {
  ensure(offset <= bytes_.size() && to.size() <= bytes_.size() - offset, "copy from beyond a mapped file");
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t done = 0; done < to.size(); done += kPiece) {
    const std::size_t size = std::min(kPiece, to.size() - done);
    const std::size_t start = offset + done;
    std::memcpy(to.data() + done, bytes_.data() + start, size);
    const std::size_t first = (start + page - 1) / page * page;
    const std::size_t last = (start + size) / page * page;
    if (first < last) madvise(const_cast<std::byte*>(bytes_.data()) + first, last - first, MADV_DONTNEED);
  }
}

}  // namespace atlas

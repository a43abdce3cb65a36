// A file seen as memory: read page by page as it is touched, never copied as a whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace atlas {

/// Read-only. The file must not shrink while it is mapped: touching what is gone ends the process.
class MappedFile {
 public:
  /// Throws NotFound, Io, or InvalidArgument where `path` is no regular file.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

  /// Asks for pages of 2 MiB, which the system grants where kernel and file system can: weights that are read
  /// again and again then take few entries of the processor's tables.
  void prefer_huge_pages() const noexcept;

  /// Copies `to.size()` bytes from `offset`, giving back the pages read so far as it goes, so that memory
  /// holds the copy alone.
  void copy(std::size_t offset, std::span<std::byte> to) const;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace atlas

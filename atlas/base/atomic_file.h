// A file that appears under its name only once it is complete.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace atlas {

/// Written beside its final place and renamed by `commit()`; without it the destructor removes what was
/// written.
class AtomicFile {
 public:
  /// Throws Io.
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void append(std::span<const std::byte> bytes);
  void append(std::string_view text) { append(std::as_bytes(std::span(text))); }
  /// Bytes appended so far.
  std::size_t size_bytes() const { return size_bytes_; }
  void commit();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<std::FILE, Close> file_;
  std::size_t size_bytes_ = 0;
};

}  // namespace atlas

// A piece of memory with an owner: allocated, mapped from a file, or lent by a caller.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace atlas {

enum class MemorySpace : unsigned char { Host, Cuda };

/// Bytes, or strings (`is_strings()`), alive as long as a shared_ptr to it is.
class Buffer {
 public:
  /// Host memory aligned to 64 bytes, not initialised. Throws ResourceExhausted, at once where it is more
  /// than the machine or the cgroup has.
  static std::shared_ptr<Buffer> allocate(std::size_t size_bytes);

  /// `count` empty strings.
  static std::shared_ptr<Buffer> strings(std::size_t count);

  /// Somebody else's memory; `release` is called when the last owner lets go (may be empty).
  static std::shared_ptr<Buffer> wrap(void* data, std::size_t size_bytes, std::function<void()> release,
                                      bool writable = true, MemorySpace space = MemorySpace::Host);

  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data() const { return data_; }
  std::size_t size_bytes() const { return size_bytes_; }
  MemorySpace space() const { return space_; }
  bool is_strings() const { return strings_ != nullptr; }
  bool is_writable() const { return writable_; }

 private:
  Buffer() = default;

  void* data_ = nullptr;
  std::size_t size_bytes_ = 0;
  MemorySpace space_ = MemorySpace::Host;
  bool writable_ = true;
  std::unique_ptr<std::string[]> strings_;
  std::function<void()> release_;
};

}  // namespace atlas

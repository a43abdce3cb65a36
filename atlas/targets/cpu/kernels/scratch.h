// Short-lived working memory of a kernel, recycled by the thread that used it.
#pragma once

#include <cstddef>
#include <memory>

namespace atlas::cpu {

struct AlignedFree {
  void operator()(void* memory) const noexcept;
};

/// Memory aligned to 64 bytes.
using AlignedMemory = std::unique_ptr<std::byte[], AlignedFree>;

/// Throws ResourceExhausted where the system has none left. Not initialised.
AlignedMemory kernel_memory(size_t bytes);

/// Uninitialised memory aligned to 64 bytes, for the life of this object. On destruction the thread keeps it
/// for its next Scratch (up to 32 MiB each), so that steady work does not fault pages in again and again.
/// Must die on the thread that made it.
class Scratch {
 public:
  explicit Scratch(size_t bytes);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  template <typename T>
  T* as() {
    return reinterpret_cast<T*>(memory_.get());
  }

 private:
  AlignedMemory memory_;
  size_t bytes_;
};

}  // namespace atlas::cpu

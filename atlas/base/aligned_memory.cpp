#include "atlas/base/aligned_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace atlas {

void* allocate_aligned(std::size_t bytes) noexcept {
  const std::size_t alignment = bytes < huge_page_bytes ? 64 : huge_page_bytes;
  const std::size_t whole = std::max(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (whole < bytes) return nullptr;
  void* memory = std::aligned_alloc(alignment, whole);
  // Where the system does not lend any, small pages serve.
  if (memory && bytes >= huge_page_bytes)
    madvise(memory, bytes / huge_page_bytes * huge_page_bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace atlas

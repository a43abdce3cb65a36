// Pages that nobody wrote are all the same one.
#include "atlas/formats/blank_memory.h"

#include <sys/mman.h>

#include <algorithm>

#include "atlas/base/error.h"

namespace atlas {

Tensor blank_tensor(DType dtype, Shape shape) {
  const std::size_t size = byte_size(dtype, element_count(shape));
  void* memory = mmap(nullptr, std::max<std::size_t>(1, size), PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    fail(ErrorCode::ResourceExhausted, "a tensor without content: no address space for {} bytes", size);
  return Tensor(dtype, std::move(shape),
                Buffer::wrap(
                    memory, size, [=] { munmap(memory, std::max<std::size_t>(1, size)); }, false));
}

}  // namespace atlas

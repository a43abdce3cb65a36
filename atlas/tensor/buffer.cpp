// Allocation and release of buffers.
#include "atlas/tensor/buffer.h"

#include <algorithm>
#include <cstdlib>

#include "atlas/base/aligned_memory.h"
#include "atlas/base/cpu_info.h"
#include "atlas/base/error.h"
#include "atlas/tensor/memory_budget.h"

namespace atlas {

namespace {

// The system would promise more than there is, and end the process when it is used.
void require_memory(std::size_t size_bytes) {
  constexpr std::size_t kSmall = std::size_t{1} << 28;
  if (size_bytes < kSmall) return;
  static const std::uint64_t limit = read_cpu_info().memory_limit_bytes;
  if (limit > 0 && size_bytes > limit)
    fail(ErrorCode::ResourceExhausted, "buffer: {} bytes are more than the {} this process may use",
         size_bytes, limit);
}

}  // namespace

std::shared_ptr<Buffer> Buffer::allocate(std::size_t size_bytes) {
  require_memory(size_bytes);
  std::shared_ptr<Buffer> buffer(new Buffer);
  buffer->size_bytes_ = size_bytes;
  if (const std::shared_ptr<MemoryBudget>& budget = MemoryScope::current()) {
    budget->take(size_bytes);
    buffer->release_ = [buffer = buffer.get(), budget] {
      std::free(buffer->data_);
      budget->give_back(buffer->size_bytes_);
    };
  } else {
    buffer->release_ = [buffer = buffer.get()] { std::free(buffer->data_); };
  }
  buffer->data_ = allocate_aligned(size_bytes);
  if (buffer->data_ == nullptr)
    fail(ErrorCode::ResourceExhausted, "buffer: cannot allocate {} bytes", size_bytes);
  return buffer;
}

std::shared_ptr<Buffer> Buffer::strings(std::size_t count) {
  std::shared_ptr<Buffer> buffer(new Buffer);
  buffer->strings_ = std::make_unique<std::string[]>(count);
  buffer->data_ = buffer->strings_.get();
  buffer->size_bytes_ = count * sizeof(std::string);
  return buffer;
}

std::shared_ptr<Buffer> Buffer::wrap(void* data, std::size_t size_bytes, std::function<void()> release,
                                     bool writable, MemorySpace space) {
  std::shared_ptr<Buffer> buffer(new Buffer);
  buffer->data_ = data;
  buffer->size_bytes_ = size_bytes;
  buffer->space_ = space;
  buffer->writable_ = writable;
  buffer->release_ = std::move(release);
  return buffer;
}

Buffer::~Buffer() {
  if (release_) release_();
}

}  // namespace atlas

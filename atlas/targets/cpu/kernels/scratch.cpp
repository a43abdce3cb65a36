// A few freed blocks per thread, best fit first.
#include "atlas/targets/cpu/kernels/scratch.h"

#include <cstdlib>
#include <utility>

#include "atlas/base/aligned_memory.h"
#include "atlas/base/error.h"

namespace atlas::cpu {
namespace {

constexpr size_t kept_bytes = size_t{32} << 20;

struct Block {
  AlignedMemory memory;
  size_t bytes = 0;
};

thread_local Block kept[4];

}  // namespace

void AlignedFree::operator()(void* memory) const noexcept {
  std::free(memory);
}

AlignedMemory kernel_memory(size_t bytes) {
  void* memory = allocate_aligned(bytes);
  if (!memory) fail(ErrorCode::ResourceExhausted, "kernel memory: no {} bytes left", bytes);
  return AlignedMemory(static_cast<std::byte*>(memory));
}

Scratch::Scratch(size_t bytes) : bytes_(bytes) {
  Block* best = nullptr;
  for (Block& block : kept)
    if (block.memory && block.bytes >= bytes && (!best || block.bytes < best->bytes)) best = &block;
  if (best) {
    memory_ = std::move(best->memory);
    bytes_ = std::exchange(best->bytes, 0);
    return;
  }
  memory_ = kernel_memory(bytes);
}

Scratch::~Scratch() {
  if (bytes_ > kept_bytes) return;
  Block* smallest = &kept[0];
  for (Block& block : kept)
    if (block.bytes < smallest->bytes) smallest = &block;
  if (smallest->bytes < bytes_) *smallest = {std::move(memory_), bytes_};
}

}  // namespace atlas::cpu

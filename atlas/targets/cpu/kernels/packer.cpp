// Packing into fresh memory.
#include "atlas/targets/cpu/kernels/packer.h"

#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {

PackedMemory Packer::pack(size_t bytes, FunctionRef<void(std::byte*)> fill) {
  AlignedMemory memory = allocate_aligned(bytes);
  fill(memory.get());
  return memory;
}

Packer& plain_packer() {
  static Packer packer;  // without state
  return packer;
}

}  // namespace atlas::cpu

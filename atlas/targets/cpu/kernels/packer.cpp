// Packing into fresh memory.
#include "atlas/targets/cpu/kernels/packer.h"

#include <algorithm>
#include <mutex>

#include "atlas/base/aligned_memory.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// Memory that is given out from its begin to its end, and freed once nobody has any of it.
struct Region {
  explicit Region(size_t size) : memory(kernel_memory(size)), bytes(size) {}

  AlignedMemory memory;
  size_t bytes, used = 0;
};

class ModelPacker : public Packer {
 public:
  PackedMemory pack(size_t bytes, FunctionRef<void(std::byte*)> fill) override {
    const auto [region, place] = take((bytes + 63) / 64 * 64);
    fill(place);
    return PackedMemory(region, place);
  }

 private:
  std::pair<std::shared_ptr<Region>, std::byte*> take(size_t bytes) {
    constexpr size_t region_bytes = 8 * huge_page_bytes;
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Region> region = current_.lock();
    if (!region || region->bytes - region->used < bytes) {
      region = std::make_shared<Region>(std::max(bytes, region_bytes));
      current_ = region;
    }
    std::byte* place = region->memory.get() + region->used;
    region->used += bytes;
    return {region, place};
  }

  std::mutex mutex_;
  std::weak_ptr<Region> current_;
};

}  // namespace

PackedMemory Packer::pack(size_t bytes, FunctionRef<void(std::byte*)> fill) {
  AlignedMemory memory = kernel_memory(bytes);
  fill(memory.get());
  return memory;
}

Packer& plain_packer() {
  static Packer packer;  // without state
  return packer;
}

Packer& model_packer() {
  static ModelPacker packer;
  return packer;
}

}  // namespace atlas::cpu

// Parts in the order of their making: kernels of one graph are always made in one order.
#include "atlas/targets/cpu/weight_store.h"

#include <cstring>

#include "atlas/base/error.h"

namespace atlas::cpu {

WeightStore::WeightStore(const LoweredGraph& kept) : kept_(&kept), packed_away_(kept.graph.value_count()) {
  for (const ValueId id : kept.packed_away) packed_away_[index(id)] = true;
}

PackedMemory WeightStore::pack(size_t bytes, FunctionRef<void(std::byte*)> fill) {
  if (kept_ != nullptr) {
    require(given_ < kept_->packed.size(), "packed weights: expected {} bytes more as part {}", bytes,
            given_);
    const PackedPart& part = kept_->packed[given_];
    require(part.size_bytes == bytes, "packed weights: expected {} bytes as part {}, got {}", bytes, given_,
            part.size_bytes);
    ++given_;
    return part.data;
  }
  PackedMemory memory = model_packer().pack(bytes, [&](std::byte* to) {
    std::memset(to, 0, bytes);  // fillers leave gaps, which must not show what the memory held
    is_filling_ = true;
    fill(to);
    is_filling_ = false;
  });
  packed_.push_back({memory, bytes});
  return memory;
}

void WeightStore::look_at(const Graph& graph, ValueId constant) {
  if (kept_ != nullptr) {
    require(!packed_away_[index(constant)], "constant '{}': its elements were packed away",
            graph.value(constant).name);
    return;
  }
  if (is_filling_) return;
  looked_at_.resize(graph.value_count());
  looked_at_[index(constant)] = true;
}

bool WeightStore::was_looked_at(ValueId constant) const {
  return index(constant) < looked_at_.size() && looked_at_[index(constant)];
}

void WeightStore::check_all_given() const {
  require(given_ == kept_->packed.size(), "packed weights: expected {} parts, got {}", given_,
          kept_->packed.size());
}

}  // namespace atlas::cpu

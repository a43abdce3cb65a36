// The weights of a program in the making: packed now and kept, or packed before and taken as they are.
#pragma once

#include <vector>

#include "atlas/graph/lowered_graph.h"
#include "atlas/targets/cpu/kernels/packer.h"

namespace atlas::cpu {

class WeightStore : public Packer {
 public:
  /// Packs, and keeps what was packed.
  WeightStore() = default;
  /// Gives out what `kept` holds in its order. Throws InvalidArgument where kernels ask for other sizes, or
  /// for constants that were packed away. `kept` must outlive this.
  explicit WeightStore(const LoweredGraph& kept);

  PackedMemory pack(size_t bytes, FunctionRef<void(std::byte*)> fill) override;

  /// A kernel in the making reads the elements of a constant.
  void look_at(const Graph& graph, ValueId constant);

  /// Whether elements of the constant were read otherwise than to pack them.
  bool was_looked_at(ValueId constant) const;
  std::vector<PackedPart> take_packed() { return std::move(packed_); }
  /// Throws InvalidArgument where something was never asked for.
  void check_all_given() const;

 private:
  const LoweredGraph* kept_ = nullptr;
  std::vector<PackedPart> packed_;
  std::vector<bool> looked_at_, packed_away_;  // by value
  size_t given_ = 0;                           // of the parts of kept_
  bool is_filling_ = false;
};

}  // namespace atlas::cpu

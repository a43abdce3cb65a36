// The one door through which kernels pack their weights, so that a compiled file can keep what they packed.
#pragma once

#include <cstddef>
#include <memory>

#include "atlas/base/function_ref.h"

namespace atlas::cpu {

/// Weights in the order in which their kernel reads them, at a boundary of 64 bytes. Never changed again.
using PackedMemory = std::shared_ptr<const std::byte[]>;

/// Finds weights. For fillers alone, which are not called where the weights are packed already.
using WeightFinder = FunctionRef<const float*()>;

class Packer {
 public:
  virtual ~Packer() = default;

  /// Memory of so many bytes as `fill` wrote it: now, or when the file that this packer reads was made.
  virtual PackedMemory pack(size_t bytes, FunctionRef<void(std::byte*)> fill);
};

/// Packs now, and remembers nothing.
Packer& plain_packer();

/// The same for weights that live as long as their model: they lie side by side, so that huge pages hold
/// them.
Packer& model_packer();

}  // namespace atlas::cpu

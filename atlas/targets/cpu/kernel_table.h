// The kernels of the CPU target, found by operator.
#pragma once

#include <memory>
#include <vector>

#include "atlas/targets/cpu/kernel.h"

namespace atlas::cpu {

struct KernelChoice {
  std::unique_ptr<Kernel> kernel;  // nullptr: the node runs its reference
  Sharing sharing = Sharing::None;
  /// The reference is what a kernel would do (control flow, sequences, strings): not counted as a fallback.
  bool reference_is_kernel = false;
};

/// The first kernel of the table that takes the node.
KernelChoice choose_kernel(const NodeView& view);

// One function per file of kernels: its part of the table.
std::vector<KernelDef> attention_kernels();
std::vector<KernelDef> blocked_kernels();
std::vector<KernelDef> category_kernels();
std::vector<KernelDef> conv_kernels();
std::vector<KernelDef> conversion_kernels();
std::vector<KernelDef> elementwise_kernels();
std::vector<KernelDef> generation_kernels();
std::vector<KernelDef> indexing_kernels();
std::vector<KernelDef> integer_conv_kernels();
std::vector<KernelDef> integer_image_kernels();
std::vector<KernelDef> integer_matmul_kernels();
std::vector<KernelDef> line_search_kernels();
std::vector<KernelDef> map_kernels();
std::vector<KernelDef> matmul_kernels();
std::vector<KernelDef> movement_kernels();
std::vector<KernelDef> nbits_kernels();
std::vector<KernelDef> padding_kernels();
std::vector<KernelDef> pair_kernels();
std::vector<KernelDef> pool_kernels();
std::vector<KernelDef> quantization_kernels();
std::vector<KernelDef> rearrangement_kernels();
std::vector<KernelDef> recurrent_kernels();
std::vector<KernelDef> reduction_kernels();
std::vector<KernelDef> resize_kernels();
std::vector<KernelDef> tree_kernels();
std::vector<KernelDef> view_kernels();

}  // namespace atlas::cpu

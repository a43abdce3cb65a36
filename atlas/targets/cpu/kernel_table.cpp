// The list of kernel families, and the operators whose reference needs no kernel.
#include "atlas/targets/cpu/kernel_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace atlas::cpu {
namespace {

// Their work is done in nested graphs, on strings and maps, or on a handful of numbers.
constexpr std::array kReferenceIsKernel = {
    std::string_view("CastMap"),
    std::string_view("ConcatFromSequence"),
    std::string_view("Constant"),
    std::string_view("DictVectorizer"),
    std::string_view("Identity"),  // of what need not be a tensor
    std::string_view("If"),
    std::string_view("Loop"),
    std::string_view("Optional"),
    std::string_view("OptionalGetElement"),
    std::string_view("OptionalHasElement"),
    std::string_view("Scan"),
    std::string_view("SequenceAt"),
    std::string_view("SequenceConstruct"),
    std::string_view("SequenceEmpty"),
    std::string_view("SequenceErase"),
    std::string_view("SequenceInsert"),
    std::string_view("SequenceLength"),
    std::string_view("SequenceMap"),
    std::string_view("Shape"),
    std::string_view("Size"),
    std::string_view("SplitToSequence"),
    std::string_view("StringConcat"),
    std::string_view("StringNormalizer"),
    std::string_view("StringSplit"),
    std::string_view("ZipMap"),
};

using Key = std::pair<std::string_view, std::string_view>;

const std::multimap<Key, KernelDef>& table() {
  static const std::multimap<Key, KernelDef> kernels = [] {
    std::multimap<Key, KernelDef> out;
    for (const auto family : {
             view_kernels,  // before those that move elements
             attention_kernels,     blocked_kernels,       category_kernels,       conv_kernels,
             conversion_kernels,    elementwise_kernels,   generation_kernels,     indexing_kernels,
             integer_conv_kernels,  integer_image_kernels, integer_matmul_kernels, line_search_kernels,
             map_kernels,           matmul_kernels,        movement_kernels,       nbits_kernels,
             padding_kernels,       pair_kernels,          pool_kernels,           quantization_kernels,
             rearrangement_kernels, recurrent_kernels,     reduction_kernels,      resize_kernels,
             tree_kernels,
         })
      for (const KernelDef& kernel : family()) out.emplace(Key{kernel.domain, kernel.op}, kernel);
    return out;
  }();
  return kernels;
}

// Moved or made one by one by whoever does it.
bool gives_strings(const NodeView& view) {
  return view.has_output(0) && view.output(0).kind == Type::Kind::Tensor &&
         view.output(0).dtype == DType::String;
}

}  // namespace

KernelChoice choose_kernel(const NodeView& view) {
  const Node& node = view.node();
  const auto [begin, end] = table().equal_range(Key{node.domain, node.op});
  for (auto at = begin; at != end; ++at)
    if (std::unique_ptr<Kernel> kernel = at->second.make(view))
      return {std::move(kernel), at->second.sharing, false};
  const bool is_standard = node.domain.empty() || node.domain == "ai.onnx.ml";
  const bool enough =
      is_standard &&
      (std::ranges::find(kReferenceIsKernel, node.op) != kReferenceIsKernel.end() || gives_strings(view));
  return {nullptr, Sharing::None, enough};
}

}  // namespace atlas::cpu

// The list of operator families: where a new one is added.
#include "atlas/ops/ops.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/ops/families.h"

namespace atlas {
namespace {

std::string key(std::string_view domain, std::string_view name) {
  std::string out(domain == "ai.onnx" ? "" : domain);
  out += "::";
  out += name;
  return out;
}

}  // namespace

void OpRegistry::add(OpDef op) {
  std::string where = key(op.domain, op.name);
  require(!ops_.contains(where), "operator {} is registered already", where);
  ops_.emplace(std::move(where), std::move(op));
}

const OpDef* OpRegistry::find(std::string_view domain, std::string_view name) const {
  const auto found = ops_.find(key(domain, name));
  return found == ops_.end() ? nullptr : &found->second;
}

const OpDef& OpRegistry::at(const Node& node) const {
  const OpDef* found = find(node);
  if (found == nullptr) fail(ErrorCode::Unsupported, "{}: no such operator", describe(node));
  return *found;
}

std::vector<const OpDef*> OpRegistry::list() const {
  std::vector<const OpDef*> out;
  for (const auto& [name, op] : ops_) out.push_back(&op);
  std::ranges::sort(out, {}, [](const OpDef* op) { return key(op->domain, op->name); });
  return out;
}

OpRegistry standard_ops() {
  using namespace ops;
  OpRegistry registry;
  for (const auto family : {
           activations,
           arg_extrema,
           arithmetic,
           attention,
           batch_normalization,
           blocked_channels,
           blocked_pair,
           cast,
           comparison,
           constant,
           contrib_activations,
           contrib_attention,
           contrib_blocks,
           contrib_convolution,
           contrib_crop,
           contrib_generation,
           contrib_layout,
           contrib_matmul,
           contrib_matrix,
           contrib_normalization,
           contrib_quantized,
           control_flow,
           convolution,
           cumulative,
           deformable_convolution,
           dropout,
           einsum,
           elementwise_unary,
           elementwise_variadic,
           flex_attention,
           fourier,
           gather,
           gradient,
           grid_sample,
           image_decoder,
           layer_normalization,
           layout,
           level_table,
           linear,
           linear_attention,
           logic,
           loss,
           matmul,
           ml_categories,
           ml_features,
           ml_linear,
           ml_maps,
           ml_svm,
           ml_trees,
           non_max_suppression,
           optimizers,
           optional,
           padding,
           pooling,
           quantize,
           quantized_matmul,
           random,
           recurrent,
           reduce,
           region_pooling,
           reshape,
           resize,
           scan,
           scatter,
           search,
           selection,
           sequence,
           sequence_map,
           signal_windows,
           slicing,
           softmax,
           strings,
           tfidf_vectorizer,
           transposed_convolution,
           vector_normalization,
       }) {
    for (OpDef& op : family()) registry.add(std::move(op));
  }
  return registry;
}

}  // namespace atlas

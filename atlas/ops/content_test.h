// What inference knows of a node's outputs, for tests of symbolic shapes and contents.
#pragma once

#include <string>
#include <vector>

#include "atlas/ops/infer.h"

namespace atlas {

/// A tensor of this type; its content, as far as it matters.
inline Knowledge known(Dims dims, DType dtype = DType::F32) {
  return {Type::tensor(dtype, std::move(dims)), nullptr, std::nullopt};
}
/// An I64 list of these elements.
inline Knowledge known_list(Dims content) {
  return {Type::tensor(DType::I64, Dims{static_cast<std::int64_t>(content.size())}), nullptr, content};
}
inline Knowledge known_scalar(Dim content) {
  return {Type::tensor(DType::I64, Dims{}), nullptr, Dims{std::move(content)}};
}

/// What follows for the outputs of one node of `op`.
inline std::vector<Knowledge> inferred(const std::string& op, std::vector<Knowledge> inputs,
                                       Attributes attributes = {}, std::size_t output_count = 1) {
  const OpRegistry registry = standard_ops();
  Node node;
  node.op = op;
  for (const Knowledge& input : inputs)
    node.inputs.push_back(input.type.is_known() ? ValueId{0} : ValueId::None);
  node.outputs.assign(output_count, ValueId{1});
  node.attributes = std::move(attributes);
  return infer_node(*registry.find("", op), node, std::move(inputs), {});
}

/// "i64[2] = [N,3]"
inline std::string text(const Knowledge& knowledge) {
  return text(knowledge.type) + (knowledge.content ? " = " + text(*knowledge.content) : "");
}

}  // namespace atlas

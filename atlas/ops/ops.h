// The operators of a process, found by domain and name.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "atlas/ops/opdef.h"

namespace atlas {

class OpRegistry {
 public:
  /// Throws InvalidArgument where the operator is there already.
  void add(OpDef op);
  /// nullptr where there is none.
  const OpDef* find(std::string_view domain, std::string_view name) const;
  const OpDef* find(const Node& node) const { return find(node.domain, node.op); }
  /// Throws Unsupported, naming the node, where there is none.
  const OpDef& at(const Node& node) const;
  /// All of them, by domain and name.
  std::vector<const OpDef*> list() const;

 private:
  std::unordered_map<std::string, OpDef> ops_;  // by "domain::name"
};

/// Every operator that Atlas brings. The tables are in the order of ops.cpp.
OpRegistry standard_ops();

}  // namespace atlas

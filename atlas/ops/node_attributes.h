// A node's attributes with the schema's defaults, as references read them and kernels prepare from them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/base/error.h"
#include "atlas/graph/graph.h"

namespace atlas {

/// A view of what looks up attributes (ReferenceContext, the CPU target's NodeView), which outlives it.
class NodeAttributes {
 public:
  template <typename Source>
  NodeAttributes(const Source& source)  // NOLINT(google-explicit-constructor): stands for its source
      : node_(source.node()), source_(&source), find_([](const void* from, std::string_view name) {
          return static_cast<const Source*>(from)->attribute(name);
        }) {}

  const Node& node() const { return node_; }

  /// Attribute or its default; nullptr where there is neither.
  const Attribute* attribute(std::string_view name) const { return find_(source_, name); }
  bool has_attribute(std::string_view name) const { return attribute(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;
  float real(std::string_view name, float otherwise = 0) const;
  std::string string(std::string_view name, std::string_view otherwise = "") const;
  std::vector<std::int64_t> ints(std::string_view name) const;
  std::vector<float> reals(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;

  /// Throws InvalidArgument with the node's description in front unless `condition`.
  template <typename... Args>
  void check(bool condition, fmt::format_string<Args...> format, Args&&... args) const {
    if (!condition) [[unlikely]]
      raise(ErrorCode::InvalidArgument,
            describe(node_) + ": " + fmt::vformat(format, fmt::make_format_args(args...)));
  }

 private:
  const Node& node_;
  const void* source_;
  const Attribute* (*find_)(const void*, std::string_view);
};

}  // namespace atlas

// Everything Atlas knows of an operator, in one record.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "atlas/graph/builder.h"
#include "atlas/ops/schema.h"

namespace atlas {

class InferContext;
class ReferenceContext;
class DecomposeContext;
class CostContext;

/// Work of one node: what a roofline needs.
struct Cost {
  /// Arithmetic operations by the element type they are done in; a multiply-add counts 2.
  std::array<double, kDTypeCount> operations{};
  double bytes_read = 0;
  double bytes_written = 0;

  double total_operations() const;
  void add_operations(DType dtype, double count) { operations[static_cast<std::size_t>(dtype)] += count; }
};

/// Plain data and function pointers. Adding an operator is adding one of these to its family's table.
struct OpDef {
  std::string_view domain;  // "" is ai.onnx
  std::string_view name;
  Schema schema;

  /// Sets the types of the outputs, as far as they follow from those of the inputs. Null: outputs stay
  /// unknown.
  void (*infer)(InferContext&) = nullptr;

  /// Slow, obvious, right: the oracle of every kernel, the constant folder, the fallback.
  void (*reference)(ReferenceContext&) = nullptr;

  /// The node in terms of simpler operators: adds nodes, returns the values that replace its outputs (None
  /// for outputs left out). Empty where this node has no such form. Null: the operator has none.
  std::vector<ValueId> (*decompose)(DecomposeContext&) = nullptr;

  /// Null: reads its inputs, writes its outputs, one operation per output element.
  Cost (*cost)(const CostContext&) = nullptr;

  /// The result differs from run to run (random numbers): not to be folded or merged.
  bool nondeterministic = false;
};

}  // namespace atlas

// A function of one byte as the table of its 256 results: what targets make of chains between quantised
// tensors.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

// Negative indices count from the end: entry 255 is that of -1.
std::vector<ValueId> decompose_level_table(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Gather", {f.input(1), f.cast(f.input(0), DType::I64)}, {{"axis", std::int64_t{0}}})};
}

Cost cost_of_level_table(const CostContext& context) {
  return context.traffic();
}

}  // namespace

std::vector<OpDef> level_table() {
  const TypeSet bytes = {DType::U8, DType::I8};
  OpDef op =
      contrib_op("LevelTable", {"X:T, Table:U -> Y:U", {{"T", bytes}, {"U", bytes}}}, decompose_level_table);
  op.domain = "atlas";
  op.cost = cost_of_level_table;
  return {op};
}

}  // namespace atlas::ops

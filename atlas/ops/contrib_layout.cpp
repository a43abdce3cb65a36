// Operators of ONNX Runtime that the standard has under another name or form: moves, ranges and windows.
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

ValueId as_scalar(Formula& f, std::size_t input) {
  return f.reshape(f.input(input), std::vector<std::int64_t>{});
}

// The pads become an attribute: they must be a constant.
std::vector<ValueId> decompose_conv_transpose(DecomposeContext& context) {
  Attributes attributes = context.node().attributes;
  if (context.has_input(2)) {
    const Graph& graph = context.builder().graph();
    if (!graph.is_constant(context.input(2))) return {};
    attributes.set("pads", to_ints(graph.value(context.input(2)).constant));
  }
  return {context.builder().op("ConvTranspose", {context.input(0), context.input(1), context.input(3)},
                               attributes)};
}

std::vector<ValueId> decompose_expand_dims(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Unsqueeze", {f.input(0), f.reshape(f.cast(f.input(1), DType::I64), {1})})};
}

std::vector<ValueId> decompose_gather_nd(DecomposeContext& context) {
  Formula f{context};
  return {f.op("GatherND", {f.input(0), f.cast(f.input(1), DType::I64)})};
}

std::vector<ValueId> decompose_nhwc_max_pool(DecomposeContext& context) {
  if (!context.type(0).dims || context.type(0).dims->size() < 3) return {};
  Formula f{context};
  const std::size_t rank = context.type(0).dims->size();
  const ValueId x = f.transpose(f.input(0), channels_first(rank));
  return {f.transpose(f.op("MaxPool", {x}, context.node().attributes), channels_last(rank))};
}

std::vector<ValueId> decompose_pad(DecomposeContext& context) {
  Formula f{context};
  const ValueId value = context.has_input(2) ? as_scalar(f, 2) : ValueId::None;
  return {f.op("Pad", {f.input(0), f.reshape(f.input(1), {-1}), value}, context.node().attributes)};
}

std::vector<ValueId> decompose_range(DecomposeContext& context) {
  Formula f{context};
  return {f.op("Range",
               {as_scalar(f, 0), as_scalar(f, 1), context.has_input(2) ? as_scalar(f, 2) : f.number(1)})};
}

std::vector<ValueId> decompose_trilu(DecomposeContext& context) {
  return {context.builder().op("Trilu", {context.input(0), context.input(1)}, context.node().attributes)};
}

// In order of their first occurrence.
std::vector<ValueId> decompose_unique(DecomposeContext& context) {
  const std::vector<ValueId> out =
      context.builder().ops("Unique", {context.input(0)}, 4, {{"sorted", std::int64_t{0}}});
  return {out[0], out[2], out[3]};
}

}  // namespace

std::vector<OpDef> contrib_layout() {
  return {
      contrib_op("ConvTransposeWithDynamicPads",
                 {"X:T, W:T, Pads?:i64, B?:T -> Y:T",
                  {{"T", {DType::F32, DType::F64, DType::F16}}},
                  {{"auto_pad", "NOTSET"},
                   {"dilations", AttributeKind::Integers},
                   {"group", 1},
                   {"kernel_shape", AttributeKind::Integers},
                   {"output_padding", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
                 decompose_conv_transpose),
      contrib_op("ExpandDims", {"X:T, axis:i32 -> Y:T", {{"T", types::kPlain}}}, decompose_expand_dims),
      contrib_op("GatherND",
                 {"data:T, indices:Tind -> output:T", {{"T", types::kPlain}, {"Tind", types::kIndices}}},
                 decompose_gather_nd),
      contrib_op("NhwcMaxPool",
                 {"x:T -> y:T",
                  {{"T", {DType::I8, DType::U8}}},
                  {{"auto_pad", "NOTSET"},
                   {"ceil_mode", 0},
                   {"dilations", AttributeKind::Integers},
                   {"kernel_shape", AttributeKind::Integers, kRequired},
                   {"pads", AttributeKind::Integers},
                   {"strides", AttributeKind::Integers}}},
                 decompose_nhwc_max_pool),
      contrib_op("Pad",
                 {"data:T, pads:i64, value?:T -> output:T",
                  {{"T", {DType::F32, DType::F64, DType::F16}}},
                  {{"mode", "constant"}}},
                 decompose_pad),
      contrib_op("Range",
                 {"start:T, limit:T, delta?:T -> Y:T",
                  {{"T", {DType::F32, DType::F64, DType::I16, DType::I32, DType::I64}}}},
                 decompose_range),
      contrib_op("Trilu", {"X:T, k?:i64 -> Y:T", {{"T", types::kPlain}}, {{"upper", 1}}}, decompose_trilu),
      contrib_op("Unique", {"x:T -> y:T, idx:i64, counts:i64", {{"T", types::kPlain}}}, decompose_unique),
  };
}

}  // namespace atlas::ops

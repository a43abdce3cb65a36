// Weights of 2, 4 or 8 bits, each block of a row with a scale and a zero point of its own.
#include "atlas/base/error.h"
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"

namespace atlas::ops {
namespace {

// Bytes [rows, n], low bits first, as numbers [rows, n * 8 / bits].
ValueId unpacked(Formula& f, ValueId bytes, ValueId shape, std::int64_t bits) {
  if (bits == 8) return f.reshape(bytes, shape);
  std::vector<ValueId> parts;
  const ValueId mask = f.builder.constant(Tensor::scalar(static_cast<std::uint8_t>((1 << bits) - 1)));
  for (std::int64_t at = 0; at < 8; at += bits) {
    const ValueId by = f.builder.constant(Tensor::scalar(static_cast<std::uint8_t>(at)));
    const ValueId shifted = f.op("BitShift", {bytes, by}, {{"direction", std::string("RIGHT")}});
    parts.push_back(f.unsqueeze(f.op("BitwiseAnd", {shifted, mask}), {-1}));
  }
  return f.reshape(f.concat(parts, -1), shape);
}

// A B^T + bias, B [N, blocks, bytes] in `bits` bits with a scale and a zero point for each block of a row.
std::vector<ValueId> decompose_matmul_nbits(DecomposeContext& context) {
  const std::int64_t rows = context.integer("N");
  const std::int64_t columns = context.integer("K");
  const std::int64_t bits = context.integer("bits");
  const std::int64_t block = context.integer("block_size");
  const std::string where = describe(context.node());
  require(rows > 0 && columns > 0 && rows <= INT32_MAX && columns <= INT32_MAX,
          "{}: expected positive N and K, got {} and {}", where, rows, columns);
  require(bits == 2 || bits == 4 || bits == 8, "{}: expected 2, 4 or 8 bits, got {}", where, bits);
  require(block >= 16 && block <= INT32_MAX && (block & (block - 1)) == 0,
          "{}: expected a power of two, 16 or more, as block_size, got {}", where, block);
  const std::int64_t blocks = (columns + block - 1) / block;
  const DType real = context.type(0).dtype;
  const DType zero_dtype = context.has_input(3) ? context.type(3).dtype : DType::U8;
  if (real == DType::Undefined || zero_dtype == DType::Undefined) return {};

  Formula f{context};
  const ValueId codes = unpacked(f, f.input(1), f.ints({rows, blocks, block}), bits);
  const ValueId scales = f.reshape(f.input(2), {rows, blocks, 1});
  ValueId zeros = f.number(static_cast<double>(1 << (bits - 1)));
  if (context.has_input(3)) {
    if (zero_dtype == DType::U8) {
      const std::int64_t per_row = (blocks * bits + 7) / 8;  // bytes: a row starts a new one
      const ValueId numbers = unpacked(f, f.reshape(f.input(3), {rows, per_row}), f.ints({rows, -1}), bits);
      zeros = f.cast(f.slice(numbers, f.ints({0}), f.ints({blocks}), 1), real);
    } else {
      zeros = f.input(3);
    }
    zeros = f.reshape(zeros, {rows, blocks, 1});
  }
  ValueId weights = ValueId::None;
  if (context.has_input(4)) {  // column k belongs to block g_idx[k]
    const ValueId groups = f.slice(f.reshape(f.input(4), {-1}), f.ints({0}), f.ints({columns}), 0);
    const auto of_column = [&](ValueId x) {
      return f.op("Gather", {f.reshape(x, {rows, blocks}), groups}, {{"axis", std::int64_t{1}}});
    };
    const ValueId flat = f.slice(f.reshape(codes, {rows, -1}), f.ints({0}), f.ints({columns}), 1);
    const ValueId zero = context.has_input(3) ? of_column(zeros) : zeros;
    weights = f.mul(f.sub(f.cast(flat, real), zero), of_column(scales));
  } else {
    const ValueId all = f.mul(f.sub(f.cast(codes, real), zeros), scales);
    weights = f.slice(f.reshape(all, {rows, -1}), f.ints({0}), f.ints({columns}), 1);
  }
  return {f.add_given(f.op("MatMul", {f.input(0), f.transpose(weights, {1, 0})}), f.input(5))};
}

Cost cost_matmul_nbits(const CostContext& context) {
  Cost cost = context.traffic();
  cost.add_operations(context.input_dtype(0),
                      2.0 * static_cast<double>(context.integer("K")) * context.output_elements(0));
  return cost;
}

// Rows of a table whose last axis is quantised, as real numbers; two numbers of 4 bits may share a byte.
std::vector<ValueId> decompose_gather(DecomposeContext& context) {
  const Type data = context.type(0);
  const std::int64_t bits = context.integer("bits");
  const std::int64_t block = context.integer("block_size");
  require(bits == 4 || bits == 8, "{}: expected 4 or 8 bits, got {}", describe(context.node()), bits);
  require(block >= 16 && block <= INT32_MAX && (block & (block - 1)) == 0,
          "{}: expected a power of two, 16 or more, as block_size, got {}", describe(context.node()), block);
  const std::int64_t axis = context.integer("quantize_axis");
  if (!data.dims || data.dims->size() != 2 || data.dtype == DType::Undefined ||
      context.type(2).dtype == DType::Undefined || (axis != 1 && axis != -1) ||
      context.integer("gather_axis") != 0)
    return {};
  Formula f{context};
  const DType real = context.type(2).dtype;
  const bool is_bytes = data.dtype == DType::U8;
  const ValueId indices = f.reshape(f.input(1), {-1});
  const auto rows = [&](std::size_t input) {  // [indices, numbers]
    ValueId out = f.op("Gather", {f.input(input), indices});
    if (is_bytes && bits == 4) out = unpacked(f, out, f.joined({f.dims(indices, 0, 1), f.ints({-1})}), bits);
    return f.cast(out, real);
  };
  const ValueId scales = f.op("Gather", {f.input(2), indices});
  const auto scalar = [&](double value) { return f.cast(f.builder.scalar(static_cast<float>(value)), real); };
  ValueId zeros = scalar(is_bytes ? static_cast<double>(1 << (bits - 1)) : 0);
  if (context.has_input(3)) {  // a byte may end with a number that belongs to no block
    const ValueId all = rows(3);
    zeros = f.unsqueeze(f.slice(all, f.ints({0}), f.dims(scales, 1, 2), 1), {2});
  }
  const ValueId codes = f.reshape(rows(0), f.joined({f.dims(scales, 0, 2), f.ints({block})}));
  const ValueId values = f.mul(f.sub(codes, zeros), f.unsqueeze(scales, {2}));
  return {f.reshape(values, f.joined({f.dims(f.input(1), 0), f.ints({-1})}))};
}

}  // namespace

std::vector<OpDef> contrib_blocks() {
  const TypeSet floats = {DType::F32, DType::F64, DType::F16, DType::BF16};
  OpDef nbits = contrib_op("MatMulNBits",
                           {"A:T1, B:T2, scales:T1, zero_points?:T3, g_idx?:T4, bias?:T1 -> Y:T1",
                            {{"T1", floats},
                             {"T2", {DType::U8, DType::I32}},
                             {"T3", {DType::U8, DType::F32, DType::F16, DType::BF16}},
                             {"T4", {DType::I32}}},
                            {{"K", AttributeKind::Integer, kRequired},
                             {"N", AttributeKind::Integer, kRequired},
                             {"accuracy_level", 0},
                             {"bits", 4},
                             {"block_size", AttributeKind::Integer, kRequired}}},
                           decompose_matmul_nbits);
  nbits.cost = cost_matmul_nbits;
  return {
      contrib_op("GatherBlockQuantized",
                 {"data:T1, indices:Tind, scales:T2, zero_points?:T1 -> output:T2",
                  {{"T1", {DType::I4, DType::U4, DType::U8}},
                   {"T2", {DType::F32, DType::F16, DType::BF16}},
                   {"Tind", types::kIndices}},
                  {{"bits", 4}, {"block_size", 128}, {"gather_axis", 0}, {"quantize_axis", 1}}},
                 decompose_gather),
      nbits,
  };
}

}  // namespace atlas::ops

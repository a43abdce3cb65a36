// ONNX Runtime's products of matrices with transposition, scale and activation, and of blockwise weights.
#include <numeric>

#include "atlas/base/error.h"
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/formula.h"
#include "atlas/ops/fused_activation.h"

namespace atlas::ops {
namespace {

// A factor as MatMul wants it. `batch`: its first axis, the rows, stands before those of the batch.
ValueId oriented(Formula& f, std::size_t input, bool rows, bool batch) {
  const std::size_t rank = f.context.type(input).dims->size();
  if (rank < 2 || (!rows && !batch)) return f.input(input);
  std::vector<std::int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (batch) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (rows) std::swap(order[rank - 2], order[rank - 1]);
  return f.transpose(f.input(input), order);
}

std::vector<ValueId> decompose_fused_matmul(DecomposeContext& context) {
  if (!context.type(0).dims || !context.type(1).dims) return {};
  Formula f{context};
  const ValueId product =
      f.op("MatMul", {oriented(f, 0, context.integer("transA") != 0, context.integer("transBatchA") != 0),
                      oriented(f, 1, context.integer("transB") != 0, context.integer("transBatchB") != 0)});
  const float alpha = context.real("alpha");
  return {alpha == 1 ? product : f.mul(product, f.number(alpha))};
}

std::vector<ValueId> decompose_fused_gemm(DecomposeContext& context) {
  const Attributes& given = context.node().attributes;
  const std::string name = given.string("activation", "");
  std::vector<float> parameters;
  if (name == "LeakyRelu") parameters = {given.real("activation_alpha", 0.01f)};
  if (name == "HardSigmoid")
    parameters = {given.real("activation_alpha", 0.2f), given.real("activation_beta", 0.5f)};
  const ValueId product = context.builder().op("Gemm", {context.input(0), context.input(1), context.input(2)},
                                               {{"alpha", context.real("alpha")},
                                                {"beta", context.real("beta")},
                                                {"transA", context.integer("transA")},
                                                {"transB", context.integer("transB")}});
  return {activate(context, name, parameters, product)};
}

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

}  // namespace

std::vector<OpDef> contrib_matmul() {
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
      contrib_op("FusedGemm",
                 {"A:T, B:T, C?:T -> Y:T",
                  {{"T", floats | types::kIndices | TypeSet{DType::U32, DType::U64}}},
                  {{"activation", AttributeKind::String},
                   {"activation_alpha", AttributeKind::Real},
                   {"activation_beta", AttributeKind::Real},
                   {"activation_gamma", AttributeKind::Real},
                   {"alpha", 1.0f},
                   {"beta", 1.0f},
                   {"transA", 0},
                   {"transB", 0}}},
                 decompose_fused_gemm),
      contrib_op("FusedMatMul",
                 {"A:T, B:T -> Y:T",
                  {{"T", floats}},
                  {{"alpha", 1.0f}, {"transA", 0}, {"transB", 0}, {"transBatchA", 0}, {"transBatchB", 0}}},
                 decompose_fused_matmul),
      nbits,
  };
}

}  // namespace atlas::ops

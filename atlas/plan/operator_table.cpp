// One reader per form of table; the columns choose among them.
#include "atlas/plan/operator_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/plan/csv_row.h"
#include "atlas/plan/workload_table.h"

namespace atlas {
namespace {

std::optional<double> measured(const CsvRow& row) {
  if (row.has("latency_us")) return row.number("latency_us", 1e-6);
  if (row.has("latency_ms")) return row.number("latency_ms", 1e-9) * 1e3;
  return std::nullopt;
}

OperatorRow unknown(std::string reason) {
  OperatorRow row;
  row.reason = std::move(reason);
  return row;
}

OperatorRow found(std::string key, decltype(Operator::sizes) sizes) {
  OperatorRow row;
  row.op = Operator{std::move(key), std::move(sizes)};
  return row;
}

OperatorRow product(const std::string& dtype, double batch, double m, double n, double k) {
  const GemmFormat* format = gemm_format(dtype);
  if (!format) return unknown(fmt::format("number format '{}'", dtype));
  return found(fmt::format("gemm/{}", dtype), Gemm{batch, m, n, k, format});
}

OperatorRow gemm(const CsvRow& row) {
  return product(row.text("dtype"), row.number_or("batch", 1), row.number("m"), row.number("n"),
                 row.number("k"));
}

std::optional<double> bytes_of(const std::string& dtype) {
  if (dtype == "bfloat16" || dtype == "float16" || dtype == "fp16" || dtype == "bf16") return 2.0;
  if (dtype == "fp8" || dtype == "int8") return 1.0;
  return std::nullopt;
}

OperatorRow attention(const CsvRow& row) {
  const std::string phase = row.text("phase");
  const bool decodes = phase == "generation_attention";
  if (!decodes && phase != "context_attention") return unknown(fmt::format("phase '{}'", phase));
  const std::optional<double> compute = bytes_of(row.text("attn_dtype"));
  const std::optional<double> cache = bytes_of(row.text("kv_dtype"));
  if (!compute || !cache) return unknown("number formats of attention");
  Attention at;
  at.batch = row.number("batch");
  at.queries = row.number("isl");
  at.past = row.number_or("step", 0, 0);
  at.heads = row.number("n_heads");
  at.kv_heads = row.number("n_kv_heads");
  at.head_dim = row.number("head_dim");
  at.window = row.number_or("window", 0, 0);
  at.compute_bytes = *compute;
  at.cache_bytes = *cache;
  if (at.kv_heads > at.heads) return unknown("more key heads than query heads");
  return found(fmt::format("{}/{}-{}", decodes ? kDecodeFamily.name : kPrefillFamily.name,
                           *compute < 2 ? "f8" : "bf16", *cache < 2 ? "f8" : "bf16"),
               at);
}

OperatorRow convolution(const CsvRow& row) {
  const std::string dtype = row.has("dtype") ? row.text("dtype") : "fp32";
  Convolution op;
  op.format = gemm_format(dtype);
  if (!op.format) return unknown(fmt::format("number format '{}'", dtype));
  op.batch = row.number("B");
  op.in_channels = row.number("Cin");
  op.out_channels = row.number("Cout");
  op.kernel_h = op.kernel_w = row.number("kernel");
  op.in_h = op.in_w = row.number("input");
  op.stride = row.number_or("stride", 1);
  const double padded = op.in_h + 2 * row.number_or("padding", 0, 0);
  if (padded < op.kernel_h) return unknown("a kernel larger than its input");
  op.out_h = op.out_w = std::floor((padded - op.kernel_h) / op.stride) + 1;
  return found(fmt::format("convolution/{}", dtype), op);
}

struct Pointwise {
  std::string_view name;
  double operands;
  double operations;
};

// The names that end in u take one tensor and a number.
constexpr Pointwise kPointwise[] = {{"add", 2, 1},  {"mul", 2, 1},   {"div", 2, 1},  {"pow", 2, 10},
                                    {"addu", 1, 1}, {"mulu", 1, 1},  {"divu", 1, 1}, {"powu", 1, 10},
                                    {"relu", 1, 1}, {"tanh", 1, 10}, {"gelu", 1, 15}};

OperatorRow mixed(const CsvRow& row, double batch, std::string_view rows, std::string_view columns,
                  std::string_view inner) {
  std::string op = row.text("op");
  std::string dtype = row.text("dtype");
  dtype.resize(std::min(dtype.size(), dtype.find(' ')));  // remarks follow
  const GemmFormat* format = gemm_format(dtype);
  const bool is_product = op == "bmm" || op == "linear" || op == "matmul";
  const bool normalises = op == "softmax" || op == "ln" || op == "layernorm";
  const Pointwise* pointwise = std::ranges::find(kPointwise, op, &Pointwise::name);
  if (op == "allreduce") {
    return found("collective", Collective{CollectiveKind::AllReduce, row.number("M")});
  }
  if (!is_product && !normalises && pointwise == std::end(kPointwise))
    return unknown(fmt::format("operator '{:.60}'", op.substr(0, op.find(':'))));
  if (!format) return unknown(fmt::format("number format '{}'", dtype));
  if (is_product) return product(dtype, batch, row.number(rows), row.number(columns), row.number(inner));
  if (normalises) {
    // Rows and columns: B rows of M_or_H, or M rows of N.
    const RowWise sizes = rows == "M" ? RowWise{row.number("M"), row.number("N"), format->a_bytes}
                                      : RowWise{batch, row.number(rows), format->a_bytes};
    return found(fmt::format("{}/{}", op == "softmax" ? kSoftmaxFamily.name : kNormFamily.name, dtype),
                 sizes);
  }
  const double elements = batch * row.number(rows) * (rows == "M" && row.has("N") ? row.number("N") : 1);
  return found(fmt::format("elementwise/{}", dtype),
               Elementwise{elements, pointwise->operands, format->a_bytes, pointwise->operations});
}

bool has_all(const Csv& table, std::initializer_list<std::string_view> columns) {
  return std::ranges::all_of(columns,
                             [&](std::string_view column) { return table.column(column).has_value(); });
}

}  // namespace

std::vector<OperatorRow> read_operators(const Csv& table) {
  const bool products = has_all(table, {"m", "n", "k", "dtype"});
  const bool attentions = has_all(table, {"phase", "batch", "isl", "n_heads", "n_kv_heads", "head_dim"});
  const bool convolutions = has_all(table, {"B", "Cin", "Cout", "kernel", "input"});
  const bool wide = has_all(table, {"op", "dtype", "B", "M_or_H", "N", "K"});
  const bool narrow = has_all(table, {"op", "dtype", "M", "N", "K"});
  const bool workloads = has_all(table, {"workload", "mode", "batch"});
  require(products || attentions || convolutions || wide || narrow || workloads,
          "{}:1: expected the columns m, n, k, dtype or phase, batch, isl, n_heads, n_kv_heads, head_dim or "
          "B, Cin, Cout, kernel, input or op, dtype, B, M_or_H, N, K or op, dtype, M, N, K or workload, "
          "mode, batch",
          table.where);
  std::vector<OperatorRow> rows;
  rows.reserve(table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const CsvRow row(table, i);
    if (workloads)
      rows.emplace_back().workload = read_workload(table, i);
    else if (products)
      rows.push_back(gemm(row));
    else if (attentions)
      rows.push_back(attention(row));
    else if (convolutions)
      rows.push_back(convolution(row));
    else
      rows.push_back(wide ? mixed(row, row.number("B"), "M_or_H", "N", "K") : mixed(row, 1, "M", "N", "K"));
    rows.back().device = row.has("system") ? row.text("system") : row.text("device");
    if (rows.back().known()) rows.back().measured_us = measured(row);
  }
  return rows;
}

Operator operator_on(const OperatorRow& row, const Chip& chip, const Constants& constants) {
  return row.workload ? run_of(*row.workload, chip, constants) : *row.op;
}

}  // namespace atlas

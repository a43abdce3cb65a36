// Fields that a row leaves out have the defaults of a Workload.
#include "atlas/plan/workload_table.h"

#include <fmt/ranges.h>

#include <cmath>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/plan/convolution_networks.h"
#include "atlas/plan/csv_row.h"

namespace atlas {
namespace {

double whole(const CsvRow& row, std::string_view column, double otherwise) {
  const double value = row.number_or(column, otherwise);
  require(value == std::floor(value), "{}: {}: expected a whole number, got {}", row.where(), column, value);
  return value;
}

void change(Transformer& model, const CsvRow& row) {
  model.layers = whole(row, "layers", model.layers);
  const bool resized = row.has("hidden") || row.has("heads");
  model.hidden = whole(row, "hidden", model.hidden);
  model.heads = whole(row, "heads", model.heads);
  if (resized) {
    model.head_dim = model.hidden / model.heads;
    model.kv_heads = model.heads;
    model.ffn = 4 * model.hidden;
  }
  model.kv_heads = whole(row, "kv_heads", model.kv_heads);
  model.ffn = whole(row, "ffn", model.ffn);
  model.vocabulary = whole(row, "vocabulary", model.vocabulary);
}

}  // namespace

void set_model(Workload& workload, const std::string& model) {
  workload.model = model;
  workload.transformer = transformer_named(model);
  if (workload.transformer || convolution_network(model, 1, 0)) return;
  require(model.ends_with(".json"), "expected one of {}, {} or a config.json, got '{:.100}'",
          fmt::join(convolution_network_names(), ", "), fmt::join(transformer_names(), ", "), model);
  workload.transformer = transformer_from_config(Json::parse(read_text(model), model), model);
}

void set_mode(Workload& workload, const std::string& mode) {
  require(mode == "train" || mode == "infer" || mode == "prefill" || mode == "decode",
          "mode: expected train, infer, prefill or decode, got '{:.40}'", mode);
  workload.trains = mode == "train";
  if (!workload.transformer) {
    require(mode == "train" || mode == "infer", "mode: expected train or infer for {}, got {}",
            workload.model, mode);
    return;
  }
  const bool encodes = !workload.transformer->causal;
  if (mode == "decode") {
    require(!encodes, "mode: expected a decoder for decoding, got {}", workload.model);
    workload.past = std::max(workload.past, std::max(0.0, workload.tokens - 1));
    workload.tokens = 1;
  }
  // Of what is read, the next token is asked for once; training asks at every place, of decoders.
  if (!workload.trains) workload.predicted = encodes ? 0 : 1 / std::max(1.0, workload.tokens);
  if (workload.trains && encodes) workload.predicted = 0.15;
}

Workload read_workload(const Csv& table, std::size_t index) {
  const CsvRow row(table, index);
  Workload workload;
  within([&] { return row.where(); },
         [&] {
           const std::string model = row.text("workload");
           require(!model.ends_with(".json"), "workload: expected a network's name, got the file '{:.100}'",
                   model);
           set_model(workload, model);
           if (workload.transformer) change(*workload.transformer, row);
           workload.batch = whole(row, "batch", 1);
           workload.tokens = whole(row, "seq", workload.transformer ? 0 : 1);
           workload.past = row.number_or("past", 0, 0);
           workload.picture = row.number_or("picture", 0, 0);
           set_mode(workload, row.text("mode"));
           workload.predicted = row.number_or("predicted", workload.predicted, 0);
           workload.dtype = row.text_or("dtype", "f16");
           workload.lowering.format = &number_format(workload.dtype);
           workload.lowering.runtime = &runtime_named(row.text_or("runtime", "fused"));
           workload.lowering.recompute = recompute_named(row.text("recompute"));
           Layout& layout = workload.layout;
           layout.tensor = whole(row, "tp", 1);
           layout.pipeline = whole(row, "pp", 1);
           layout.data = whole(row, "dp", 1);
           layout.micro_batches = whole(row, "micro_batches", 1);
           layout.interleave = whole(row, "interleave", 1);
           layout.sequence_parallel = row.number_or("sequence_parallel", 0, 0) > 0;
           layout.zero = whole(row, "zero", 0);
           check(workload);
         });
  return workload;
}

}  // namespace atlas

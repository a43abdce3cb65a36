// Workloads out of tables: one per row.
#pragma once

#include <cstddef>

#include "atlas/base/csv.h"
#include "atlas/plan/workload.h"

namespace atlas {

/// Columns: workload (a name), mode (train, infer, prefill, decode), batch (samples of a pass of a replica);
/// and where they are there and not empty seq, past, dtype, runtime, recompute, predicted, picture,
/// micro_batches, tp, pp, dp, interleave, sequence_parallel (0 or 1). layers, hidden, heads, kv_heads, ffn
/// and vocabulary change a transformer's own. Throws InvalidArgument, "file: row N: ...".
Workload read_workload(const Csv& table, std::size_t row);

/// A known name, or the path of a config.json. Throws InvalidArgument.
void set_model(Workload& workload, const std::string& model);

/// train, infer, prefill or decode: what is computed of `seq` tokens behind `past`.
void set_mode(Workload& workload, const std::string& mode);

}  // namespace atlas

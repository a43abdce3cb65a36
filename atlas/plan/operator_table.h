// Operators out of tables of measurements, as benchmarks publish them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atlas/base/csv.h"
#include "atlas/plan/workload.h"

namespace atlas {

/// A row of a table: what runs, on which device, and how long it took where that was measured.
struct OperatorRow {
  std::string device;  // "" where no column names one
  std::optional<Operator> op;
  std::optional<Workload> workload;  // in place of an operator
  std::string reason;                // why there is neither
  std::optional<double> measured_us;

  bool known() const { return op || workload; }
};

/// The row's operator; of a workload its run, priced by the constants.
Operator operator_on(const OperatorRow& row, const Chip& chip, const Constants& constants);

/// Which table it is, the columns say: products (m, n, k, dtype), attention (phase, isl, step, ...),
/// convolutions (Cin, Cout, kernel, input, ...), mixed operators (op, B, M_or_H, N, K or op, M, N, K),
/// workloads (workload, mode, batch, ...). The device is in `system` or `device`. Throws InvalidArgument
/// where the columns are none of these, and "file: row N: ..." on sizes that are no positive numbers.
std::vector<OperatorRow> read_operators(const Csv& table);

}  // namespace atlas

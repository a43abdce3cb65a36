// One row per machine.
#include "cli/predict_all.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas::cli {
namespace {

struct Row {
  std::string machine;
  double seconds = 0;
  double samples = 0;
  double joules = 0;
  double price = 0;
  std::string memory;
  std::string level;
};

Row row_of(const Machine& machine, const Device& device, const Answer& answer) {
  Row row;
  row.machine = machine.name;
  row.seconds = answer.timeline.duration_s();
  row.samples = answer.samples;
  row.joules = device.chip.tdp_w > 0 ? answer.timeline.energy_j() * answer.chips : 0;
  const double machines = machine.is_node() ? std::ceil(answer.chips / machine.chips.count) : answer.chips;
  row.price = machine.price.value_or(0) * machines;
  if (answer.bytes > 0) row.memory = answer.bytes <= device.chip.dram_bytes ? "fits" : "TOO MUCH";
  row.level = answer.source;
  return row;
}

std::string or_nothing(double value, bool known) {
  return known ? fmt::format("{:.4g}", value) : "-";
}

}  // namespace

void compare_machines(Devices& devices, bool on_nodes, const std::function<Answer(const Device&)>& ask) {
  std::vector<Row> rows;
  std::size_t left_out = 0;
  for (const Machine& machine : devices.catalogue().machines()) {
    if (machine.is_node() != on_nodes) continue;
    try {
      const Device& device = *devices.at(machine.name);
      rows.push_back(row_of(machine, device, ask(device)));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Unsupported && error.code() != ErrorCode::NotFound) throw;
      ++left_out;
    }
  }
  std::ranges::stable_sort(rows, {}, &Row::seconds);
  fmt::print("{:<22} {:>12} {:>12} {:>8} {:>12} {:>14} {:<9} {}\n", "machine", "ms", "samples/s", "W",
             "samples/J", "samples/s/kUSD", "memory", "predicted");
  for (const Row& row : rows) {
    const double rate = row.samples / row.seconds;
    fmt::print("{:<22} {:>12.4g} {:>12.4g} {:>8} {:>12} {:>14} {:<9} {}\n", row.machine, row.seconds * 1e3,
               rate, or_nothing(row.joules / row.seconds, row.joules > 0),
               or_nothing(row.samples / row.joules, row.joules > 0),
               or_nothing(rate / row.price * 1e3, row.price > 0), row.memory, row.level);
  }
  if (left_out) fmt::print("{} machines cannot compute it, or lack constants of that level\n", left_out);
}

}  // namespace atlas::cli

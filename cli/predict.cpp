// `atlas predict`: how long operators take on a machine, and what limits them.
#include <fmt/core.h>

#include <map>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/machine/catalogue.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/plan/fits.h"
#include "atlas/plan/operator_table.h"
#include "cli/command_line.h"

namespace atlas::cli {
namespace {

struct Options {
  std::string table;
  std::string on;
  std::string machine_file;
  std::string fit;
  std::string level;
  std::string csv;
};

std::optional<Level> level_named(const std::string& name) {
  if (name.empty()) return std::nullopt;
  if (name == "data-sheet") return Level::DataSheet;
  if (name == "transferred") return Level::Transferred;
  if (name == "calibrated") return Level::Calibrated;
  fail(ErrorCode::InvalidArgument, "--level: expected data-sheet, transferred or calibrated, got '{}'", name);
}

// A device of the table with the constants that hold for it.
struct Device {
  Chip chip;
  ChosenConstants chosen;
};

class Devices {
 public:
  Devices(const Options& options, Catalogue catalogue)
      : options_(options), catalogue_(std::move(catalogue)), level_(level_named(options.level)) {}

  // nullptr where the catalogue has no such machine.
  const Device* at(const std::string& name) {
    const auto [entry, added] = devices_.try_emplace(name);
    if (added)
      if (const Machine* machine = catalogue_.find(name)) entry->second = make(*machine);
    return entry->second ? &*entry->second : nullptr;
  }

 private:
  Device make(const Machine& machine) const {
    const Machine& chip = machine.is_node() ? catalogue_.at(machine.chips.chip) : machine;
    Device device{chip_of(machine, catalogue_), {}};
    device.chosen = options_.fit.empty() ? Fits::standard().choose(chip, catalogue_, level_)
                                         : constants_from(options_.fit, chip, catalogue_);
    return device;
  }

  const Options& options_;
  Catalogue catalogue_;
  std::optional<Level> level_;
  std::map<std::string, std::optional<Device>> devices_;
};

struct Counts {
  std::size_t predicted = 0;
  std::map<std::string, std::size_t> left_out;
};

// Adds the columns predicted_us, limit and level.
Counts predict_table(Csv& table, Devices& devices, const std::string& on) {
  const std::vector<OperatorRow> rows = read_operators(table);
  for (const char* column : {"predicted_us", "limit", "level"}) {
    require(!table.column(column), "{}:1: expected no column '{}' yet", table.where, column);
    table.columns.emplace_back(column);
  }
  Counts counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const OperatorRow& row = rows[i];
    std::vector<std::string>& fields = table.rows[i];
    const std::string& name = on.empty() ? row.device : on;
    const Device* device = row.op ? devices.at(name) : nullptr;
    std::string reason = row.reason;
    if (row.op && !device) reason = fmt::format("no machine '{}'", name);
    if (device && std::holds_alternative<Collective>(row.op->sizes) && device->chip.chips < 2)
      reason = "a collective on one chip";
    if (!reason.empty()) {
      ++counts.left_out[reason];
      fields.insert(fields.end(), {"", "", "left out, " + reason});
      continue;
    }
    const Estimate estimate = predict(device->chip, device->chosen.constants, *row.op);
    fields.insert(fields.end(), {fmt::format("{:.5g}", estimate.seconds * 1e6),
                                 std::string(atlas::name(estimate.limit)), device->chosen.provenance.text()});
    ++counts.predicted;
  }
  return counts;
}

}  // namespace

int predict(Arguments arguments) {
  CommandLine line("predict", "Predict how long operators take on a machine.");
  Options options;
  line.add_option("--table", options.table, "A CSV of operators; measured columns are ignored")->required();
  line.add_option("--on", options.on,
                  "The machine (default: what the table's column system or device names)");
  line.add_option("--machine-file", options.machine_file, "A description of your own, in place of --on");
  line.add_option("--fit", options.fit, "Constants written by `atlas machine fit`");
  line.add_option("--level", options.level,
                  "data-sheet, transferred or calibrated (default: the best there is)");
  line.add_option("--csv", options.csv, "Where the table goes (default: standard output)");
  if (!line.read(arguments)) return 0;

  Catalogue catalogue = Catalogue::standard();
  if (!options.machine_file.empty()) {
    Machine own = read_machine(options.machine_file);
    options.on = own.name;
    catalogue.add(std::move(own));
  }
  if (!options.on.empty()) catalogue.at(options.on);
  Csv table = Csv::read(options.table);
  Devices devices(options, std::move(catalogue));
  const Counts counts = predict_table(table, devices, options.on);
  if (options.csv.empty())
    fmt::print("{}", table.text());
  else
    write_text(options.csv, table.text());
  fmt::print(stderr, "predicted {} of {} rows\n", counts.predicted, table.rows.size());
  for (const auto& [reason, count] : counts.left_out) fmt::print(stderr, "left out {}: {}\n", count, reason);
  return counts.predicted ? 0 : 1;
}

}  // namespace atlas::cli

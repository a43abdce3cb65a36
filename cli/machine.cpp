// `atlas machine list|show|check|fit|schema`: hardware as data.
#include <fmt/core.h>

#include <map>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/machine/catalogue.h"
#include "atlas/machine/machine_json.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/plan/fit.h"
#include "atlas/plan/operator_table.h"
#include "cli/command_line.h"
#include "cli/machine_calibrate.h"
#include "cli/machine_page.h"

namespace atlas::cli {
namespace {

void list(bool as_json) {
  const Catalogue catalogue = Catalogue::standard();
  if (as_json) {
    Json json = Json::array();
    for (const Machine& machine : catalogue.machines()) json.add(machine_json(machine));
    fmt::print("{}", json.text());
    return;
  }
  for (const Machine& machine : catalogue.machines()) fmt::print("{}\n", machine_line(machine));
}

void show(const std::string& name, bool as_json) {
  const Catalogue catalogue = Catalogue::standard();
  const Machine& machine = catalogue.at(name);
  if (as_json)
    fmt::print("{}", machine_json(machine).text());
  else
    fmt::print("{}", machine_page(machine));
}

void check(const std::string& path) {
  const Machine machine = read_machine(path);
  if (machine.is_node()) Catalogue::standard().at(machine.chips.chip);
  fmt::print("{}: {} is a machine that can be\n", path, machine.title);
}

void fit(const std::vector<std::string>& tables, const std::string& on, const std::string& from,
         const std::string& out) {
  const Catalogue catalogue = Catalogue::standard();
  std::map<std::string, Chip> chips;
  std::vector<Measurement> measurements;
  std::size_t left_out = 0;
  const Constants prior = from.empty() ? Constants{} : read_constants(from);
  for (const std::string& table : tables) {
    for (const OperatorRow& row : read_operators(Csv::read(table))) {
      const Machine* machine = on.empty() ? catalogue.find(row.device) : &catalogue.at(on);
      if (!row.known() || !row.measured_us || !machine ||
          (row.op && !machine->is_node() && std::holds_alternative<Collective>(row.op->sizes))) {
        ++left_out;
        continue;
      }
      const auto [chip, added] = chips.try_emplace(machine->name);
      if (added) chip->second = chip_of(*machine, catalogue);
      measurements.push_back({&chip->second, operator_on(row, chip->second, prior), *row.measured_us * 1e-6});
    }
  }
  require(!measurements.empty(),
          "{}: expected rows with a machine, an operator and latency_us or latency_ms, got none",
          tables.front());
  const Constants constants = fit_constants(measurements, prior);
  require(!constants.values.empty(),
          "{}: expected at least 12 measurements of one kind of kernel on one machine", tables.front());
  if (out.empty())
    fmt::print("{}", constants.yaml());
  else
    write_text(out, constants.yaml());
  fmt::print(stderr, "fitted {} kinds of kernels to {} measurements, {} rows left out\n",
             constants.values.size(), measurements.size(), left_out);
}

void calibrate(std::size_t threads, const std::string& out) {
  const std::string description = calibrated_machine(threads);
  if (out.empty())
    fmt::print("{}", description);
  else
    write_text(out, description);
}

}  // namespace

int machine(Arguments arguments) {
  CommandLine line("machine", "Descriptions of machines: what is known of them, and from where.");
  line.require_subcommand(1);
  bool as_json = false;
  std::string name;
  std::string path;
  std::vector<std::string> paths;
  std::string from;
  std::string out;
  CLI::App* list_line = line.add_subcommand("list", "The machines of the catalogue, one line each");
  CLI::App* show_line = line.add_subcommand("show", "Every figure of a machine with its source");
  show_line->add_option("NAME", name, "Name or alias")->required();
  for (CLI::App* command : {list_line, show_line}) command->add_flag("--json", as_json, "As JSON");
  CLI::App* check_line = line.add_subcommand("check", "Check a description of your own");
  check_line->add_option("FILE", path, "A YAML file")->required();
  CLI::App* fit_line = line.add_subcommand("fit", "Fit the constants of the operator models to measurements");
  fit_line->add_option("MEASUREMENTS", paths, "CSVs of operators with latency_us or latency_ms")->required();
  fit_line->add_option("--on", name, "The machine (default: what the column system or device names)");
  fit_line->add_option("--from", from, "Constants to begin with, kept where there are few measurements");
  fit_line->add_option("-o,--output", out, "Where the constants go (default: standard output)");
  line.add_subcommand("schema", "The JSON schema of descriptions");
  std::size_t threads = 0;
  CLI::App* calibrate_line =
      line.add_subcommand("calibrate", "Measure this host, and describe it as a machine");
  calibrate_line->add_option("--threads", threads, "Threads to use; 0 is all this process may use");
  calibrate_line->add_option("-o,--output", out, "Where the description goes (default: standard output)");
  if (!line.read(arguments)) return 0;

  if (list_line->parsed())
    list(as_json);
  else if (show_line->parsed())
    show(name, as_json);
  else if (check_line->parsed())
    check(path);
  else if (fit_line->parsed())
    fit(paths, name, from, out);
  else if (calibrate_line->parsed())
    calibrate(threads, out);
  else
    fmt::print("{}", machine_schema().text());
  return 0;
}

}  // namespace atlas::cli

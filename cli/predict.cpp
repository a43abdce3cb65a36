// `atlas predict`: how long a model or a list of operators takes on a machine, and what limits it.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/formats/model_file.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"
#include "atlas/plan/memory_need.h"
#include "atlas/plan/operator_table.h"
#include "atlas/plan/predictor.h"
#include "cli/command_line.h"
#include "cli/device.h"
#include "cli/model_inputs.h"
#include "cli/predict_workload.h"
#include "cli/timeline_exports.h"

namespace atlas::cli {
namespace {

struct Options {
  std::string model;
  std::string table;
  std::string on;
  std::string machine_file;
  std::string fit;
  std::string level;
  std::string dtype;
  std::string csv;
  std::string json;
  std::size_t shown = 20;
  InputOptions inputs;
  TimelineExports exports;
  WorkloadOptions workload;
  bool all = false;
};

struct Counts {
  std::size_t predicted = 0;
  std::map<std::string, std::size_t> left_out;
};

// Of one chip: what stays there, and what a pass adds.
std::vector<std::string> memory_of(const OperatorRow& row) {
  if (!row.workload) return {"", ""};
  const MemoryNeed need = memory_need(*row.workload);
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  return {fmt::format("{:.5g}", (need.weights + need.gradients + need.optimizer) / kGiB),
          fmt::format("{:.5g}", (need.activations + need.cache) / kGiB)};
}

// Adds the columns predicted_us, limit and level; to workloads state_gib and activations_gib as well.
Counts predict_table(Csv& table, Devices& devices, const std::string& on) {
  const std::vector<OperatorRow> rows = read_operators(table);
  std::vector<const char*> added = {"predicted_us", "limit", "level"};
  const bool workloads = table.column("workload").has_value();
  if (workloads) added.insert(added.end(), {"state_gib", "activations_gib"});
  for (const char* column : added) {
    require(!table.column(column), "{}:1: expected no column '{}' yet", table.where, column);
    table.columns.emplace_back(column);
  }
  Counts counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const OperatorRow& row = rows[i];
    std::vector<std::string>& fields = table.rows[i];
    const std::string& name = on.empty() ? row.device : on;
    const Device* device = row.known() ? devices.at(name) : nullptr;
    std::string reason = row.reason;
    const std::vector<std::string> memory = workloads ? memory_of(row) : std::vector<std::string>();
    if (row.known() && !device) reason = fmt::format("no machine '{}'", name);
    if (device && row.op && std::holds_alternative<Collective>(row.op->sizes) && device->chip.chips < 2)
      reason = "a collective on one chip";
    if (!reason.empty()) {
      ++counts.left_out[reason];
      fields.insert(fields.end(), {"", "", "left out, " + reason});
      fields.insert(fields.end(), memory.begin(), memory.end());
      continue;
    }
    const Constants& constants = device->chosen.constants;
    const Estimate estimate = within(
        [&] { return fmt::format("{}: row {}", table.where, i + 1); },
        [&] { return atlas::predict(device->chip, constants, operator_on(row, device->chip, constants)); });
    fields.insert(fields.end(),
                  {fmt::format("{:.5g}", estimate.seconds * 1e6), std::string(atlas::name(estimate.limit)),
                   (row.workload ? device->chosen.runs : device->chosen.provenance).text()});
    fields.insert(fields.end(), memory.begin(), memory.end());
    ++counts.predicted;
  }
  return counts;
}

void write_or_print(const std::string& path, const std::string& text) {
  if (path.empty())
    fmt::print("{}", text);
  else
    write_text(path, text);
}

int predict_operators(const Options& options, Devices& devices) {
  Csv table = Csv::read(options.table);
  const Counts counts = predict_table(table, devices, options.on);
  write_or_print(options.csv, table.text());
  fmt::print(stderr, "predicted {} of {} rows\n", counts.predicted, table.rows.size());
  for (const auto& [reason, count] : counts.left_out) fmt::print(stderr, "left out {}: {}\n", count, reason);
  return counts.predicted ? 0 : 1;
}

std::string duration(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.1f} us", seconds * 1e6) : fmt::format("{:.3f} ms", seconds * 1e3);
}

void print_totals(const Timeline& timeline, const Chip& chip) {
  const double total = timeline.duration_s();
  fmt::print("{} on {}, predicted: {}\n", timeline.graph, timeline.machine, timeline.source);
  fmt::print("{:<12} {}, {:.1f} per second\n", "time", duration(total), total > 0 ? 1 / total : 0.0);
  fmt::print("{:<12} {:.3g} J, {:.0f} W\n", "energy", timeline.energy_j(),
             total > 0 ? timeline.energy_j() / total : 0.0);
  const double ideal =
      std::max(timeline.bytes() / chip.dram_bytes_per_s, timeline.operations() / chip.product_rate("f16"));
  fmt::print("{:<12} {} by the peaks of the machine\n", "at least", duration(ideal));
}

void print_events(const Timeline& timeline, std::size_t shown) {
  const double total = timeline.duration_s();
  std::map<std::string, double> limits;
  for (const Event& event : timeline.events) limits[event.limit] += event.duration_s;
  for (const auto& [limit, seconds] : limits)
    fmt::print("{:<12} {:.0f} % of the time\n", limit, 100 * seconds / total);
  std::vector<const Event*> slowest;
  for (const Event& event : timeline.events) slowest.push_back(&event);
  std::ranges::stable_sort(slowest, std::greater{}, &Event::duration_s);
  if (slowest.size() > shown) slowest.resize(shown);
  for (const Event* event : slowest)
    fmt::print("  {:>11} {:<8} {:<28.28} {:.60}\n", duration(event->duration_s), event->limit, event->op,
               event->node);
}

void write_timeline(const Timeline& timeline, const Chip& chip, const Options& options) {
  options.exports.write_prediction(timeline, chip, options.dtype);
  if (!options.csv.empty()) write_text(options.csv, timeline_csv(timeline).text());
  if (!options.json.empty()) write_text(options.json, timeline_json(timeline).text());
}

int predict_named_network(const Options& options, Devices& devices) {
  const Workload workload = make_workload(options.model, options.workload, options.dtype);
  if (options.all) {
    compare_machines(devices, workload.layout.chips() > 1,
                     [&](const Device& device) { return answer_for(workload, device); });
    return 0;
  }
  const Device& device = *devices.at(options.on);
  const Answer answer = answer_for(workload, device);
  print_answer(workload, answer, device.chip);
  print_events(answer.timeline, options.shown);
  write_timeline(answer.timeline, device.chip, options);
  return 0;
}

int predict_model(const Options& options, Devices& devices) {
  Graph graph = load_model(options.model);
  apply_shapes(graph, options.inputs);
  const OpRegistry ops = standard_ops();
  within([&] { return options.model; }, [&] { run_passes(graph, ops); });
  infer_types(graph, ops);
  const StepList steps = steps_of(graph, ops, options.dtype);
  require(!steps.steps.empty(), "{}: expected nodes with known sizes, got none (--shape fixes inputs)",
          options.model);
  const auto timeline_on = [&](const Device& device) {
    return Predictor(device.chip, device.chosen.constants, device.chosen.provenance.text())
        .timeline(graph, steps);
  };
  if (options.all) {
    compare_machines(devices, false, [&](const Device& device) {
      return Answer{timeline_on(device), device.chosen.provenance.text()};
    });
    return 0;
  }
  const Device& device = *devices.at(options.on);
  const Timeline timeline = timeline_on(device);
  print_totals(timeline, device.chip);
  print_events(timeline, options.shown);
  if (!steps.not_sized.empty())
    fmt::print("of {} nodes the sizes are not known: they are left out (--shape fixes inputs)\n",
               steps.not_sized.size());
  write_timeline(timeline, device.chip, options);
  return 0;
}

}  // namespace

int predict(Arguments arguments) {
  CommandLine line("predict", "Predict how long a model or a list of operators takes on a machine.");
  Options options;
  auto* model = line.add_option(
      "MODEL", options.model,
      "An ONNX file, the text form of a graph (.txt), a network by name (resnet50, llama-3-8b, ...) "
      "or a config.json");
  line.add_option("--table", options.table,
                  "In place of a model a CSV of operators; measured columns are ignored")
      ->excludes(model);
  line.add_option("--on", options.on,
                  "The machine (with --table by default what column system or device names)");
  line.add_flag("--all", options.all, "Compare every machine, in place of --on");
  line.add_option("--machine-file", options.machine_file, "A description of your own, in place of --on");
  line.add_option("--fit", options.fit, "Constants written by `atlas machine fit`");
  line.add_option("--level", options.level,
                  "data-sheet, transferred or calibrated (default: the best there is)");
  line.add_option("--shape", options.inputs.shapes, "Fix the dims of an input: NAME=1x3x224x224");
  line.add_option(
      "--dtype", options.dtype,
      "Price real numbers as f16, bf16 or f32 (default: as the model has them); networks by name as "
      "f16 (default), bf16, f32, tf32, f8 or i8");
  line.add_option("--top", options.shown, "How many of the slowest steps are shown (default: 20)");
  line.add_option("--csv", options.csv,
                  "Where the table or timeline goes (default of a table: standard output)");
  line.add_option("--json", options.json, "Where a model's timeline goes as JSON");
  options.exports.add_to(line);
  options.workload.add_to(line);
  if (!line.read(arguments)) return 0;
  require(!options.model.empty() || !options.table.empty(),
          "predict: expected a model or --table, got neither");
  require(!options.table.empty() || options.all != !options.on.empty() || !options.machine_file.empty(),
          "--on: expected a machine or --all, got {} (`atlas machine list` names machines)",
          options.all ? "both" : "neither");

  Catalogue catalogue = Catalogue::standard();
  if (!options.machine_file.empty()) {
    Machine own = read_machine(options.machine_file);
    options.on = own.name;
    catalogue.add(std::move(own));
  }
  if (!options.on.empty()) catalogue.at(options.on);
  const bool runs = !options.table.empty() || is_workload(options.model);
  Devices devices(std::move(catalogue), options.fit, options.level, runs);
  if (!options.table.empty()) return predict_operators(options, devices);
  return is_workload(options.model) ? predict_named_network(options, devices)
                                    : predict_model(options, devices);
}

}  // namespace atlas::cli

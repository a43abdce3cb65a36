// `atlas check MODEL --on MACHINE`: whether it would run there as wished, before any work is done.
#include <fmt/core.h>

#include <array>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "atlas/formats/model_file.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/machine/quantity.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"
#include "atlas/run/registry.h"
#include "cli/command_line.h"
#include "cli/feasibility.h"
#include "cli/model_inputs.h"

namespace atlas::cli {
namespace {

using Kind = NodeSupport::Kind;

struct Options {
  std::string model;
  std::string on;
  std::string machine_file;
  std::string target;
  std::string within;
  std::string memory;
  std::string power;
  std::string dtype;
  std::string fit;
  std::string level;
  std::string json;
  bool strict = false;
  InputOptions inputs;
};

std::optional<double> quantity(const std::string& text, const std::string& option, Dimension dimension) {
  if (text.empty()) return std::nullopt;
  const std::optional<double> value = parse_quantity(text, dimension);
  require(value && *value > 0, "{}: expected {}, got '{}'", option, describe(dimension), text);
  return value;
}

struct Survey {
  std::array<std::size_t, 3> counts{};  // by Kind
  std::vector<NodeSupport> wanting;     // not native
};

Survey survey_of(const Graph& graph, const Registry& registry, const std::string& target) {
  Survey out;
  for (NodeSupport& support : registry.target(target).survey(graph, registry.ops)) {
    ++out.counts[static_cast<std::size_t>(support.kind)];
    if (support.kind != Kind::Native) out.wanting.push_back(std::move(support));
  }
  return out;
}

std::string open_sizes(const Graph& graph) {
  std::string out;
  for (const ValueId id : graph.inputs) {
    const Type& type = graph.value(id).type;
    if (!type.is_tensor() || (type.dims && constant_shape(*type.dims))) continue;
    out += (out.empty() ? "" : ", ") + graph.value(id).name + ": " + text(type);
  }
  return out;
}

struct Answer {
  Survey survey;
  std::string target;
  std::string open;
  std::string level;
  Needs needs;
  std::vector<std::string> obstacles;
  std::vector<Remedy> remedies;
};

void add_obstacles_of_operators(const Options& options, Answer& answer) {
  const std::size_t missing = answer.survey.counts[static_cast<std::size_t>(Kind::Missing)];
  const std::size_t emulated = answer.survey.counts[static_cast<std::size_t>(Kind::Emulated)];
  if (missing > 0) answer.obstacles.push_back(fmt::format("{} nodes cannot run", missing));
  if (!options.strict) return;
  if (emulated > 0) answer.obstacles.push_back(fmt::format("{} nodes are emulated (--strict)", emulated));
  if (answer.target.empty())
    answer.obstacles.push_back(
        "no target of this Atlas runs there: its times are predictions alone (--strict)");
}

std::string shown(const Needs& needs) {
  return fmt::format("{}, {}, {}", format_quantity(needs.seconds, Dimension::Time),
                     format_quantity(needs.memory_bytes(), Dimension::Bytes),
                     format_quantity(needs.watts, Dimension::Power));
}

void print_answer(const Options& options, const Answer& answer, const Device& device) {
  const auto& counts = answer.survey.counts;
  const Needs& needs = answer.needs;
  fmt::print("{} on {}\n", options.model, device.chip.name);
  fmt::print("{:<12} {} supported, {} emulated, {} missing, by target {}\n", "operators", counts[0],
             counts[1], counts[2],
             answer.target.empty() ? "cpu; none runs on this machine yet" : answer.target);
  for (const NodeSupport& support : answer.survey.wanting)
    fmt::print("{:<12} {}: {}\n", "", support.node, support.reason);
  if (!answer.open.empty()) fmt::print("{:<12} open: {} (--shape fixes them)\n", "sizes", answer.open);
  fmt::print("{:<12} {}{}: {} of weights, {} of values at once, {} of the program; of {}\n", "memory",
             needs.not_sized.empty() ? "" : "more than ",
             format_quantity(needs.memory_bytes(), Dimension::Bytes),
             format_quantity(needs.weight_bytes, Dimension::Bytes),
             format_quantity(needs.activation_bytes, Dimension::Bytes),
             format_quantity(needs.program_bytes, Dimension::Bytes),
             format_quantity(device.chip.dram_bytes, Dimension::Bytes));
  fmt::print("{:<12} {}{} predicted ({})\n", "time", needs.not_sized.empty() ? "" : "more than ",
             format_quantity(needs.seconds, Dimension::Time), answer.level);
  fmt::print("{:<12} {} while it runs, an estimate\n", "power",
             format_quantity(needs.watts, Dimension::Power));
  fmt::print("{:<12} {}\n", "verdict", answer.obstacles.empty() ? "fits" : "does not fit");
  for (const std::string& obstacle : answer.obstacles) fmt::print("{:<12} {}\n", "", obstacle);
  for (const Remedy& remedy : answer.remedies)
    fmt::print("{:<12} {}: {}{}\n", &remedy == &answer.remedies.front() ? "would help" : "", remedy.what,
               shown(remedy.needs), remedy.helps_enough ? "" : ", which is not enough");
}

Json needs_json(const Needs& needs) {
  return Json::object({{"weight_bytes", needs.weight_bytes},
                       {"activation_bytes", needs.activation_bytes},
                       {"program_bytes", needs.program_bytes},
                       {"memory_bytes", needs.memory_bytes()},
                       {"time_us", needs.seconds * 1e6},
                       {"power_w", needs.watts}});
}

Json answer_json(const Answer& answer, const Device& device) {
  constexpr const char* kKinds[] = {"native", "emulated", "missing"};
  Json wanting = Json::array();
  for (const NodeSupport& support : answer.survey.wanting)
    wanting.add(Json::object({{"node", support.node},
                              {"kind", kKinds[static_cast<int>(support.kind)]},
                              {"reason", support.reason}}));
  Json remedies = Json::array();
  for (const Remedy& remedy : answer.remedies)
    remedies.add(Json::object(
        {{"what", remedy.what}, {"enough", remedy.helps_enough}, {"needs", needs_json(remedy.needs)}}));
  return Json::object({{"machine", device.chip.name},
                       {"machine_bytes", device.chip.dram_bytes},
                       {"fits", answer.obstacles.empty()},
                       {"target", answer.target.empty() ? Json() : Json(answer.target)},
                       {"supported", answer.survey.counts[0]},
                       {"emulated", answer.survey.counts[1]},
                       {"missing", answer.survey.counts[2]},
                       {"nodes", std::move(wanting)},
                       {"open_sizes", answer.open},
                       {"level", answer.level},
                       {"needs", needs_json(answer.needs)},
                       {"not_sized", answer.needs.not_sized.size()},
                       {"obstacles", Json::array_of(answer.obstacles)},
                       {"would_help", std::move(remedies)}});
}

}  // namespace

int check(Arguments arguments) {
  CommandLine line("check",
                   "Tell whether a model would run on a machine as wished. Exit code 1 where it would not.");
  Options options;
  line.add_option("MODEL", options.model, "An ONNX file, or the text form of a graph (.txt)")->required();
  line.add_option("--on", options.on, "The machine");
  line.add_option("--machine-file", options.machine_file, "A description of your own, in place of --on");
  line.add_option("--within", options.within, "The time that a run may take, such as 30ms");
  line.add_option("--memory", options.memory,
                  "The memory that it may take, such as 2GiB (default: the machine's)");
  line.add_option("--power", options.power, "The power that it may draw while it runs, such as 15W");
  line.add_flag("--strict", options.strict,
                "Emulated nodes, and machines that no target runs on, stand in the way");
  line.add_option("--shape", options.inputs.shapes, "Fix the dims of an input: NAME=1x3x224x224");
  line.add_option("--dtype", options.dtype,
                  "Price real numbers as f16, bf16 or f32 (default: as the model has them)");
  line.add_option("--target", options.target, "What runs the model there (default: cpu on processors)");
  line.add_option("--fit", options.fit, "Constants written by `atlas machine fit`");
  line.add_option("--level", options.level,
                  "data-sheet, transferred or calibrated (default: the best there is)");
  line.add_option("--json", options.json, "Write the answer to this file");
  if (!line.read(arguments)) return 0;
  Wishes wishes;
  wishes.seconds = quantity(options.within, "--within", Dimension::Time);
  wishes.memory_bytes = quantity(options.memory, "--memory", Dimension::Bytes);
  wishes.watts = quantity(options.power, "--power", Dimension::Power);

  Catalogue catalogue = Catalogue::standard();
  if (!options.machine_file.empty()) {
    Machine own = read_machine(options.machine_file);
    options.on = own.name;
    catalogue.add(std::move(own));
  }
  require(!options.on.empty(), "--on: expected a machine, got none (`atlas machine list` names them)");
  const Machine& machine = catalogue.at(options.on);
  Devices devices(catalogue, options.fit, options.level, false);
  const Device& device = *devices.at(options.on);

  Graph model = load_model(options.model);
  apply_shapes(model, options.inputs);
  const Registry registry = standard_registry();
  Graph graph = model;
  within([&] { return options.model; }, [&] { run_passes(graph, registry.ops); });
  Answer answer;
  answer.target = options.target.empty() ? target_on(machine) : options.target;
  answer.survey = survey_of(graph, registry, answer.target.empty() ? "cpu" : answer.target);
  answer.open = open_sizes(model);
  answer.level = device.chosen.provenance.text();
  answer.needs = needs_of(graph, registry.ops, device, options.dtype, answer.target);
  answer.obstacles = obstacles(answer.needs, wishes, device.chip.dram_bytes);
  if (!answer.obstacles.empty() && answer.needs.not_sized.empty())
    answer.remedies = remedies(model, registry.ops, devices, catalogue, options.on, options.dtype, wishes);
  add_obstacles_of_operators(options, answer);
  print_answer(options, answer, device);
  if (!options.json.empty()) write_text(options.json, answer_json(answer, device).text());
  return answer.obstacles.empty() ? 0 : 1;
}

}  // namespace atlas::cli

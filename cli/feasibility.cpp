// Predictions of one graph under different conditions.
#include "cli/feasibility.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "atlas/base/error.h"
#include "atlas/machine/quantity.h"
#include "atlas/passes/passes.h"
#include "atlas/plan/predictor.h"
#include "cli/model_summary.h"

namespace atlas::cli {
namespace {

// Bytes of constants whose real numbers are kept in `format`; with "i8" those that products read take a byte.
double weight_bytes(const Graph& graph, const std::string& format) {
  double total = 0;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const Tensor& constant = graph.value(ValueId{static_cast<std::int32_t>(i)}).constant;
    if (!constant.is_defined()) continue;
    double width = constant.dtype() == DType::String ? 0 : bits(constant.dtype()) / 8.0;
    if (is_floating(constant.dtype()) && !format.empty())
      width = std::min(width, format == "i8" && constant.rank() >= 2 ? 1.0 : format == "f32" ? 4.0 : 2.0);
    total += width * static_cast<double>(constant.element_count());
  }
  for (const NodeId id : graph.order())
    for_each_subgraph(graph.node(id), [&](const Graph& nested) { total += weight_bytes(nested, format); });
  return total;
}

double input_bytes(const Graph& graph) {
  double total = 0;
  for (const ValueId id : graph.inputs) {
    const Type& type = graph.value(id).type;
    if (type.is_tensor() && type.dims && constant_shape(*type.dims))
      total += static_cast<double>(element_count(*constant_shape(*type.dims))) * bits(type.dtype) / 8;
  }
  return total;
}

// Measured: docs/check.md. Weights of f32 that products and convolutions read are kept twice more: as passes
// fold scales into them, and packed for the kernels.
double cpu_program_bytes(const Graph& graph, const Needs& needs) {
  constexpr double kItself = 16e6, kCopies = 2, kScratch = 0.25;
  double packed = 0;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const Tensor& constant = graph.value(ValueId{static_cast<std::int32_t>(i)}).constant;
    if (constant.dtype() == DType::F32 && constant.rank() >= 2)
      packed += static_cast<double>(constant.size_bytes());
  }
  const double known = kItself + kCopies * packed + input_bytes(graph);
  return known + kScratch * (known + needs.weight_bytes + needs.activation_bytes);
}

void make_products_int8(StepList& steps) {
  const GemmFormat* int8 = gemm_format("int8");
  for (Step& step : steps.steps) {
    if (auto* product = std::get_if<Gemm>(&step.what.sizes)) {
      product->format = int8;
      step.what.key = fmt::format("{}/{}", kGemmFamily.name, int8->name);
    }
    if (auto* convolution = std::get_if<Convolution>(&step.what.sizes)) {
      convolution->format = int8;
      step.what.key = fmt::format("{}/{}", kConvolutionFamily.name, int8->name);
    }
  }
}

double activation_scale(const std::string& format) {
  return format == "f16" || format == "bf16" || format == "i8" ? 0.5 : 1;
}

// The sizes of an input, where they are known.
std::optional<Shape> sizes_of(const Graph& graph, ValueId id) {
  const Type& type = graph.value(id).type;
  return type.is_tensor() && type.dims ? constant_shape(*type.dims) : std::nullopt;
}

// The same model on inputs of these sizes, through the passes; nothing where its own constants insist on
// others.
std::optional<Graph> with_inputs(Graph graph, const OpRegistry& ops, const std::vector<Shape>& shapes) {
  for (std::size_t i = 0; i < shapes.size(); ++i)
    graph.value(graph.inputs[i]).type.dims->assign(shapes[i].begin(), shapes[i].end());
  // What was inferred for other sizes must not stay.
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    Value& value = graph.value(ValueId{static_cast<std::int32_t>(i)});
    if (value.producer != NodeId::None) value.type.dims.reset();
  }
  try {
    run_passes(graph, ops);
  } catch (const Error&) {
    return std::nullopt;
  }
  return graph;
}

// All inputs' sizes, changed by `change`; empty where some are not known or nothing changes.
template <typename Change>
std::vector<Shape> changed_inputs(const Graph& graph, Change change) {
  std::vector<Shape> out;
  bool changed = false;
  for (const ValueId id : graph.inputs) {
    std::optional<Shape> shape = sizes_of(graph, id);
    if (!shape) return {};
    const Shape before = *shape;
    change(*shape);
    changed |= *shape != before;
    out.push_back(std::move(*shape));
  }
  return changed ? out : std::vector<Shape>();
}

// One item in place of a batch: the first dim of the first input, and whatever is as large.
std::vector<Shape> batch_of_one(const Graph& graph) {
  const std::optional<Shape> first = graph.inputs.empty() ? std::nullopt : sizes_of(graph, graph.inputs[0]);
  if (!first || first->size() < 2) return {};
  const std::int64_t batch = first->front();
  return changed_inputs(graph, [&](Shape& shape) {
    if (shape.size() >= 2 && shape.front() == batch) shape.front() = 1;
  });
}

// Pictures of half the edges, channels first or last; sequences of half the length.
std::vector<Shape> half_as_large(const Graph& graph) {
  constexpr std::int64_t kFewChannels = 4, kShort = 32;
  return changed_inputs(graph, [](Shape& shape) {
    const std::size_t from = shape.size() == 4 && shape.back() > kFewChannels ? 2 : 1;
    const std::size_t to = shape.size() == 4 ? from + 2 : std::min<std::size_t>(shape.size(), 2);
    for (std::size_t i = from; i < to; ++i)
      if (shape[i] >= kShort && shape[i] % 2 == 0) shape[i] /= 2;
  });
}

std::string shown(const Graph& graph, const std::vector<Shape>& shapes) {
  std::string out;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    out += fmt::format("{}{}={}", i ? " " : "", graph.value(graph.inputs[i]).name, fmt::join(shapes[i], "x"));
  return out;
}

}  // namespace

std::string target_on(const Machine& machine) {
  // A family names the cores.
  constexpr std::array<std::string_view, 4> kProcessors = {"zen3", "zen4", "golden-cove", "host"};
  return std::ranges::find(kProcessors, machine.family) != kProcessors.end() ? "cpu" : "";
}

Needs needs_of(const Graph& graph, const OpRegistry& ops, const Device& device, const std::string& format,
               const std::string& target) {
  StepList steps = steps_of(graph, ops, format == "i8" ? "f16" : format);
  if (format == "i8") make_products_int8(steps);
  Predictor predictor(device.chip, device.chosen.constants, device.chosen.provenance.text());
  const Timeline timeline = predictor.timeline(graph, steps);
  Needs needs;
  needs.weight_bytes = weight_bytes(graph, format);
  needs.activation_bytes =
      static_cast<double>(summarize(graph, ops).activation_bytes) * activation_scale(format);
  if (target == "cpu") needs.program_bytes = cpu_program_bytes(graph, needs);
  needs.seconds = timeline.duration_s();
  needs.watts = needs.seconds > 0 ? timeline.energy_j() / needs.seconds : 0;
  needs.not_sized = steps.not_sized;
  return needs;
}

std::vector<std::string> obstacles(const Needs& needs, const Wishes& wishes, double machine_bytes) {
  std::vector<std::string> out;
  const double most = std::min(wishes.memory_bytes.value_or(machine_bytes), machine_bytes);
  if (!needs.not_sized.empty())
    out.push_back(
        fmt::format("the sizes of {} nodes are not known (--shape fixes inputs)", needs.not_sized.size()));
  if (needs.memory_bytes() > most)
    out.push_back(fmt::format("memory: needs {}, may take {}",
                              format_quantity(needs.memory_bytes(), Dimension::Bytes),
                              format_quantity(most, Dimension::Bytes)));
  if (wishes.seconds && needs.seconds > *wishes.seconds)
    out.push_back(fmt::format("time: {} predicted, {} wished",
                              format_quantity(needs.seconds, Dimension::Time),
                              format_quantity(*wishes.seconds, Dimension::Time)));
  if (wishes.watts && needs.watts > *wishes.watts)
    out.push_back(fmt::format("power: {} predicted, {} wished",
                              format_quantity(needs.watts, Dimension::Power),
                              format_quantity(*wishes.watts, Dimension::Power)));
  return out;
}

std::vector<Remedy> remedies(const Graph& model, const OpRegistry& ops, Devices& devices,
                             const Catalogue& catalogue, const std::string& machine,
                             const std::string& format, const Wishes& wishes) {
  const Device& device = *devices.at(machine);
  Graph graph = model;
  run_passes(graph, ops);
  const std::string target = target_on(catalogue.at(machine));
  const Needs now = needs_of(graph, ops, device, format, target);
  // Better where it counts, by more than predictions are worth telling apart.
  const auto is_better = [&](const Needs& then) {
    constexpr double kWorthSaying = 0.97;
    const bool memory = now.memory_bytes() > wishes.memory_bytes.value_or(device.chip.dram_bytes);
    return (memory && then.memory_bytes() < kWorthSaying * now.memory_bytes()) ||
           (wishes.seconds && now.seconds > *wishes.seconds && then.seconds < kWorthSaying * now.seconds) ||
           (wishes.watts && now.watts > *wishes.watts && then.watts < kWorthSaying * now.watts);
  };
  std::vector<Remedy> out;
  const auto consider = [&](const std::string& what, const Needs& needs, double machine_bytes) {
    if (is_better(needs)) out.push_back({what, needs, obstacles(needs, wishes, machine_bytes).empty()});
  };
  for (const char* other : {"f16", "bf16", "i8"}) {
    const bool has = device.chip.matrix.contains(other) || device.chip.vector.contains(other);
    if (has && format != other)
      consider(other == std::string("i8") ? "products and convolutions in 8 bits"
                                          : fmt::format("numbers of {}", other),
               needs_of(graph, ops, device, other, target), device.chip.dram_bytes);
  }
  const auto consider_inputs = [&](const char* what, const std::vector<Shape>& shapes) {
    if (shapes.empty()) return;
    if (const std::optional<Graph> other = with_inputs(model, ops, shapes))
      consider(fmt::format("{} ({})", what, shown(model, shapes)),
               needs_of(*other, ops, device, format, target), device.chip.dram_bytes);
  };
  consider_inputs("a batch of one", batch_of_one(model));
  consider_inputs("smaller inputs", half_as_large(model));

  struct Candidate {
    double watts;
    Remedy remedy;
  };
  std::vector<Candidate> others;
  for (const Machine& other : catalogue.machines()) {
    if (other.is_node() || other.name == machine) continue;
    const Device& there = *devices.at(other.name);
    const Needs needs = needs_of(graph, ops, there, format, target_on(other));
    if (obstacles(needs, wishes, there.chip.dram_bytes).empty())
      others.push_back({there.chip.tdp_w > 0 ? there.chip.tdp_w : 1e9, {"on " + other.name, needs, true}});
  }
  std::ranges::stable_sort(others, {}, &Candidate::watts);
  if (others.size() > 3) others.resize(3);
  for (Candidate& candidate : others) out.push_back(std::move(candidate.remedy));
  return out;
}

}  // namespace atlas::cli

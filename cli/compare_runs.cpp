// `atlas compare` of two runs: A's is examined, the other says what is expected.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "atlas/formats/model_file.h"
#include "atlas/ops/infer.h"
#include "atlas/passes/passes.h"
#include "atlas/run/bisect.h"
#include "atlas/run/layers.h"
#include "atlas/run/round_values.h"
#include "atlas/targets/cpu/kernels/isa.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npz.h"
#include "cli/compare.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kLayerLimitBytes = std::size_t{8} << 30;

// How the run that is compared with differs from A's.
struct Variant {
  SessionOptions session;
  std::optional<cpu::Isa> isa;
};

std::optional<cpu::Isa> isa_named(const std::string& wanted) {
  if (wanted.empty()) return std::nullopt;
  std::string known;
  for (const cpu::Isa isa : cpu::supported_isas()) {
    if (cpu::name(isa) == wanted) return isa;
    known += (known.empty() ? "" : ", ") + std::string(cpu::name(isa));
  }
  fail(ErrorCode::InvalidArgument, "--isa: expected one that this processor has ({}), got '{}'", known,
       wanted);
}

DType precision_named(const std::string& name) {
  if (name == "f16") return DType::F16;
  if (name == "bf16") return DType::BF16;
  fail(ErrorCode::InvalidArgument, "--precision: expected f16 or bf16, got '{}'", name);
}

std::vector<std::string> optional_passes() {
  std::vector<std::string> names;
  for (const Pass& pass : pipeline())
    if (!pass.required) names.emplace_back(pass.name);
  return names;
}

Variant variant_of(const CompareOptions& options) {
  Variant variant{options.session, isa_named(options.isa)};
  if (!options.target.empty()) variant.session.target = options.target;
  for (const std::string& pass : options.without_passes) {
    if (pass == "all")
      variant.session.passes.disabled = optional_passes();
    else
      variant.session.passes.disabled.push_back(pass);
  }
  // The oracle runs what the file says.
  if (variant.session.target == "reference") variant.session.passes.disabled = optional_passes();
  return variant;
}

Graph model_for_runs(const std::string& path, const InputOptions& inputs) {
  Graph graph = load_model(path);
  apply_shapes(graph, inputs);
  return graph;
}

// A's inputs as another model takes them: by name, in its number formats.
std::vector<Datum> inputs_for(const Session& other, const Graph& graph, std::span<const Datum> inputs) {
  std::vector<Datum> out;
  for (const Port& port : other.inputs()) {
    const auto same =
        std::ranges::find(graph.inputs, port.name, [&](ValueId id) { return graph.value(id).name; });
    require(same != graph.inputs.end() || port.has_default,
            "compare: expected an input '{}' of A too, got none", port.name);
    out.emplace_back();
    if (same == graph.inputs.end()) continue;
    out.back() = inputs[static_cast<std::size_t>(same - graph.inputs.begin())];
    if (!out.back().is_tensor()) continue;
    const Tensor& tensor = out.back().tensor();
    if (is_floating(tensor.dtype()) && is_floating(port.type.dtype) && tensor.dtype() != port.type.dtype)
      out.back() = from_doubles(port.type.dtype, tensor.shape(), to_doubles(tensor));
  }
  return out;
}

LayerMap expected_layers(const CompareOptions& options, const Registry& registry, const Graph& graph,
                         std::span<const Datum> inputs) {
  LayerMap out;
  if (!options.layers_from.empty()) {
    for (auto& [name, tensor] : read_npz(options.layers_from))
      out.emplace(std::move(name), std::move(tensor));
    return out;
  }
  const Variant variant = variant_of(options);
  const std::string& model = options.after.empty() ? options.before : options.after;
  std::optional<cpu::ScopedIsa> scope;
  if (variant.isa) scope.emplace(*variant.isa);
  const auto compiled = [&] {
    Graph other = model_for_runs(model, options.inputs);
    if (!options.precision.empty()) {
      // Rounded is what a target would give out: what passes make one stays one.
      run_passes(other, registry.ops, variant.session.passes);
      infer_types(other, registry.ops);
      round_values(other, precision_named(options.precision));
    }
    return Session(std::move(other), registry, variant.session);
  };
  const Session session = within([&] { return model; }, compiled);
  for (Layer& layer : record_layers(session, inputs_for(session, graph, inputs), {}, kLayerLimitBytes))
    out.emplace(layer.value, layer.tensor);
  return out;
}

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{:.3g}", value);
}

void print_comparison(const LayerComparison& comparison, double tolerance, std::size_t shown) {
  const std::size_t first = comparison.first_beyond(tolerance);
  std::size_t beyond = 0;
  for (const LayerDeviation& layer : comparison.layers) beyond += !layer.deviation.within(tolerance);
  fmt::print("{:>10} {:>10} {:>10} {:>9} {:>8}  {:<20} {}\n", "max abs", "max rel", "of largest", "cosine",
             "SNR dB", "operator", "value");
  // Around the first that diverges, or the last layers where none does.
  const std::size_t count = comparison.layers.size();
  const std::size_t from =
      first < count ? first - std::min(first, shown / 2) : count - std::min(count, shown);
  for (std::size_t i = from; i < std::min(count, from + shown); ++i) {
    const LayerDeviation& layer = comparison.layers[i];
    const Deviation& d = layer.deviation;
    if (!d.mismatch.empty())
      fmt::print("{:<51}  {:<20.20} {} <-- {}\n", "", layer.op, layer.value, d.mismatch);
    else
      fmt::print("{:>10} {:>10} {:>10} {:>9.6f} {:>8}  {:<20.20} {}{}\n", number(d.max_abs),
                 number(d.max_rel), number(d.of_largest), d.cosine, number(std::round(d.snr_db * 10) / 10),
                 layer.op, layer.value, d.within(tolerance) ? "" : " <--");
  }
  fmt::print("{} values compared, {} beyond {:.3g} of their largest element; {} are in A's run alone\n",
             count, beyond, tolerance, comparison.unmatched);
  if (first < count)
    fmt::print("first to diverge: {} '{}', which makes '{}'\n", comparison.layers[first].op,
               comparison.layers[first].node, comparison.layers[first].value);
}

Json comparison_json(const LayerComparison& comparison, double tolerance) {
  Json layers = Json::array();
  for (const LayerDeviation& layer : comparison.layers)
    layers.add(Json::object({{"value", layer.value},
                             {"node", layer.node},
                             {"op", layer.op},
                             {"max_abs", layer.deviation.max_abs},
                             {"max_rel", layer.deviation.max_rel},
                             {"of_largest", layer.deviation.of_largest},
                             {"cosine", layer.deviation.cosine},
                             {"snr_db", layer.deviation.snr_db},
                             {"mismatch", layer.deviation.mismatch}}));
  const std::size_t first = comparison.first_beyond(tolerance);
  return Json::object(
      {{"tolerance", tolerance},
       {"unmatched", comparison.unmatched},
       {"first", first < comparison.layers.size() ? Json(comparison.layers[first].value) : Json()},
       {"layers", std::move(layers)}});
}

// The first value beyond the tolerance that the model itself has: passes and lowering make others.
std::string first_of_model(const LayerComparison& comparison, double tolerance, const Graph& graph) {
  for (const LayerDeviation& layer : comparison.layers) {
    const ValueId value = graph.find(layer.value);
    if (!layer.deviation.within(tolerance) && value != ValueId::None &&
        graph.value(value).producer != NodeId::None)
      return layer.value;
  }
  return "";
}

void write_failing_part(const CompareOptions& options, Graph graph, const Registry& registry,
                        std::span<const Datum> inputs, const LayerMap& expected,
                        const LayerComparison& comparison) {
  require(options.bisect.ends_with(".onnx"), "--bisect: expected a name that ends in .onnx, got '{}'",
          options.bisect);
  inline_functions(graph, registry.ops);
  graph.functions.clear();
  infer_types(graph, registry.ops);
  const std::string failing = first_of_model(comparison, options.tolerance, graph);
  if (failing.empty()) {
    fmt::print("nothing to cut out: no value of the model itself diverges\n");
    return;
  }
  const auto compile = [&](Graph part) { return Session(std::move(part), registry, options.session); };
  const std::optional<FailingPart> part =
      bisect(graph, failing, expected, inputs, options.tolerance, compile, {});
  if (!part) {
    fmt::print("nothing to cut out: the way to '{}' by itself is within the tolerance\n", failing);
    return;
  }
  save_model(part->graph, options.bisect);
  NamedTensors tensors;
  for (std::size_t i = 0; i < part->inputs.size(); ++i)
    if (part->inputs[i].is_tensor())
      tensors.emplace_back(part->graph.value(part->graph.inputs[i]).name, part->inputs[i].tensor());
  const std::string beside = std::filesystem::path(options.bisect).replace_extension(".npz").string();
  write_npz(beside, tensors);
  fmt::print("wrote {} ({} nodes) and its inputs {}: by itself it is off by {} of the largest element\n",
             options.bisect, part->graph.order().size(), beside, number(part->deviation.of_largest));
}

}  // namespace

int compare_runs(const CompareOptions& options) {
  const Registry registry = standard_registry();
  Graph graph = model_for_runs(options.before, options.inputs);
  InputOptions input_options = options.inputs;
  if (!input_options.random_seed) input_options.random_seed = 0;
  const auto name_model = [&] { return options.before; };
  const std::vector<Datum> inputs =
      within(name_model, [&] { return read_inputs(input_ports(graph), input_options); });
  const Session session = within(name_model, [&] { return Session(graph, registry, options.session); });
  if (!options.save_layers.empty()) {
    NamedTensors tensors;
    for (Layer& layer : record_layers(session, inputs, {}, kLayerLimitBytes))
      if (layer.tensor.dtype() != DType::String) tensors.emplace_back(layer.value, layer.tensor);
    write_npz(options.save_layers, tensors);
    fmt::print("wrote {} values to {}\n", tensors.size(), options.save_layers);
    if (!options.layers && options.target.empty() && options.isa.empty() && options.precision.empty() &&
        options.without_passes.empty() && options.layers_from.empty())
      return 0;
  }
  const LayerMap expected = expected_layers(options, registry, graph, inputs);
  const LayerComparison comparison =
      within(name_model, [&] { return compare_layers(session, inputs, {}, expected); });
  require(!comparison.layers.empty(), "compare: expected values that both runs have by name, got none");
  print_comparison(comparison, options.tolerance, options.shown);
  if (!options.json.empty()) write_text(options.json, comparison_json(comparison, options.tolerance).text());
  const bool differs = comparison.first_beyond(options.tolerance) < comparison.layers.size();
  if (differs && !options.bisect.empty())
    write_failing_part(options, std::move(graph), registry, inputs, expected, comparison);
  return differs ? 1 : 0;
}

}  // namespace atlas::cli

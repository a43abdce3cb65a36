// `atlas compare A B`: two models, two timelines, or two runs layer by layer.
#include "cli/compare.h"

#include <fmt/core.h>

#include <limits>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/formats/model_file.h"
#include "atlas/graph/graph_diff.h"
#include "atlas/tensor/deviation.h"
#include "atlas/timeline/timeline_diff.h"

namespace atlas::cli {
namespace {

bool is_timeline(const std::string& path) {
  return path.ends_with(".json");
}

Timeline read_timeline(const std::string& path) {
  return timeline_from_json(Json::parse(read_text(path, std::size_t{1} << 30), path), path);
}

struct WeightChange {
  std::string name;
  std::string types;
  Deviation deviation;
};

std::vector<WeightChange> weight_changes(const GraphDiff& diff) {
  std::vector<WeightChange> out;
  for (const ConstantPair& pair : diff.constants) {
    const std::string before = text(pair.before), after = text(pair.after);
    out.push_back(
        {pair.name, before == after ? before : before + " -> " + after, deviation(pair.after, pair.before)});
  }
  return out;
}

Json diff_json(const GraphDiff& diff, const std::vector<WeightChange>& weights) {
  constexpr const char* kKinds[] = {"added", "removed", "changed"};
  Json changes = Json::array();
  for (const Change& change : diff.changes)
    changes.add(Json::object({{"kind", kKinds[static_cast<int>(change.kind)]},
                              {"what", change.what},
                              {"name", change.name},
                              {"detail", change.detail}}));
  Json constants = Json::array();
  for (const WeightChange& weight : weights)
    constants.add(Json::object({{"name", weight.name},
                                {"type", weight.types},
                                {"mismatch", weight.deviation.mismatch},
                                {"max_abs", weight.deviation.max_abs},
                                {"of_largest", weight.deviation.of_largest},
                                {"cosine", weight.deviation.cosine},
                                {"snr_db", weight.deviation.snr_db}}));
  return Json::object({{"same_nodes", diff.same_nodes},
                       {"same_constants", diff.same_constants},
                       {"changes", std::move(changes)},
                       {"constants", std::move(constants)}});
}

}  // namespace

int compare_models(const CompareOptions& options) {
  const GraphDiff diff = diff_graphs(load_model(options.before), load_model(options.after));
  const std::vector<WeightChange> weights = weight_changes(diff);
  constexpr char kSigns[] = {'+', '-', '~'};
  for (const Change& change : diff.changes)
    fmt::print("{} {:<9} {}: {}\n", kSigns[static_cast<int>(change.kind)], change.what, change.name,
               change.detail);
  for (const WeightChange& weight : weights)
    if (weight.deviation.mismatch.empty())
      fmt::print("~ constant  {}: {}, max abs {:.3g}, {:.3g} of the largest, cosine {:.6f}\n", weight.name,
                 weight.types, weight.deviation.max_abs, weight.deviation.of_largest,
                 weight.deviation.cosine);
    else
      fmt::print("~ constant  {}: {}\n", weight.name, weight.deviation.mismatch);
  fmt::print("{} nodes and {} constants are the same; {} differences\n", diff.same_nodes, diff.same_constants,
             diff.changes.size() + weights.size());
  if (!options.json.empty()) write_text(options.json, diff_json(diff, weights).text());
  return diff.is_empty() ? 0 : 1;
}

int compare_timelines(const CompareOptions& options) {
  const Timeline before = read_timeline(options.before), after = read_timeline(options.after);
  const TimelineDiff diff = diff_timelines(before, after);
  for (const Timeline* timeline : {&before, &after})
    fmt::print("{:<8} {} on {}, {}\n", timeline == &before ? "before" : "after", timeline->graph,
               timeline->machine, timeline->source);
  fmt::print("\n{}", text(diff, options.shown));
  if (!options.json.empty()) write_text(options.json, timeline_diff_json(diff).text());
  return 0;
}

int compare(Arguments arguments) {
  CompareOptions options;
  CommandLine line("compare", "Compare two models, two timelines, or two runs layer by layer.");
  line.add_option("A", options.before, "A model, or the JSON of a timeline (profile --json, predict --json)")
      ->required();
  line.add_option("B", options.after,
                  "Another of its kind; a run is compared with that of A itself where it is missing");
  line.add_option("--json", options.json, "Write what was found to this file");
  line.add_option("--top", options.shown, "How many steps or layers are shown");
  line.add_flag("--layers", options.layers,
                "Run both models and compare the values that bear the same names");
  line.add_option("--target", options.target, "Compare with a run on this target, such as reference");
  line.add_option("--without-pass", options.without_passes,
                  "Compare with a run without this pass; 'all' is all passes");
  line.add_option("--isa", options.isa, "Compare with a run with this instruction set: generic, avx2, ...");
  line.add_option("--precision", options.precision,
                  "Compare with a run that keeps weights and values in this format: f16 or bf16");
  line.add_option("--layers-from", options.layers_from, "Compare with values by name from this .npz");
  line.add_option("--save-layers", options.save_layers, "Write every value of A's run to this .npz");
  line.add_option("--tolerance", options.tolerance,
                  "How far an element may be off, as part of its layer's largest one")
      ->check(CLI::Range(0.0, 1e6));
  line.add_option("--bisect", options.bisect,
                  "Write the smallest part that goes wrong to this .onnx, its inputs beside it");
  line.add_option("--threads", options.session.threads, "Threads to use; 0 is all this process may use");
  options.inputs.add_to(line);
  if (!line.read(arguments)) return 0;
  if (options.asks_for_runs()) return compare_runs(options);
  require(!options.after.empty(),
          "compare: expected B, or what A's run is compared with (atlas compare --help)");
  require(options.bisect.empty(),
          "--bisect: expected runs to compare (--layers, --target, --without-pass, --isa, --precision, "
          "--layers-from)");
  require(is_timeline(options.before) == is_timeline(options.after),
          "compare: expected two models or two timelines, got {} and {}", options.before, options.after);
  return is_timeline(options.before) ? compare_timelines(options) : compare_models(options);
}

}  // namespace atlas::cli

// `atlas convert IN OUT`: a model to another opset or form, simplified on the way.
#include <fmt/core.h>

#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/formats/model_file.h"
#include "atlas/graph/verify.h"
#include "atlas/passes/passes.h"
#include "cli/command_line.h"

namespace atlas::cli {
namespace {

std::size_t live_nodes(const Graph& graph) {
  return graph.order().size();
}

}  // namespace

int convert(Arguments arguments) {
  CommandLine line("convert", "Write a model in another opset or form, simplified on the way.");
  std::string in, out;
  bool as_is = false;
  OnnxWriteOptions write_options;
  PassOptions pass_options;
  line.add_option("IN", in, "An ONNX file, or the text form of a graph (.txt)")->required();
  line.add_option("OUT", out, "Name of the new file: .onnx, or .txt for the text form")->required();
  auto* opset = line.add_option("--opset", write_options.opset, "Version of ai.onnx (default: the newest)")
                    ->check(CLI::PositiveNumber);
  auto* external = line.add_flag("--external-data", write_options.external_data,
                                 "Keep large constants in a file beside the model");
  auto* no_pass = line.add_option("--no-pass", pass_options.disabled, "Leave out this pass");
  line.add_flag("--as-is", as_is, "Leave out all passes: nothing is simplified")->excludes(no_pass);
  if (!line.read(arguments)) return 0;

  require(is_text_form(out) || std::filesystem::path(out).extension() == ".onnx",
          "{}: expected a name that ends in .onnx, .txt or .atlas", out);
  require(!is_text_form(out) || (opset->empty() && external->empty()),
          "{}: --opset and --external-data are for ONNX files (the text form has the newest operators)", out);

  Graph graph = load_model(in);
  verify(graph);
  const std::size_t nodes_before = live_nodes(graph);
  if (!as_is) {
    const auto reports =
        within([&] { return in; }, [&] { return run_passes(graph, standard_ops(), pass_options); });
    for (const PassReport& report : reports)
      fmt::print("{:<24} {:>9.2f} ms{}\n", report.name, report.milliseconds,
                 report.changed ? "  changed" : "");
  }
  save_model(graph, out, write_options);
  fmt::print("{}: {} nodes, from {}\n", out, live_nodes(graph), nodes_before);
  return 0;
}

}  // namespace atlas::cli

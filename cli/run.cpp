// `atlas run MODEL`: one run of a model on files or random values; `atlas run RECIPE` leads on to
// cli/run_recipe.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/json.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/recipe/recipe_files.h"
#include "atlas/run/compiled_model.h"
#include "atlas/tensor/elements.h"
#include "atlas/tensor/npy.h"
#include "cli/error_line.h"
#include "cli/limit_options.h"
#include "cli/model_inputs.h"
#include "cli/model_run.h"
#include "cli/run_recipe.h"
#include "cli/session_options.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

// A name that any file system holds.
std::string file_name(const std::string& output) {
  std::string out = output;
  for (char& c : out)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') c = '_';
  if (out.empty() || out == "." || out == "..") out = "_" + out;
  return out;
}

// The first numbers and the spread, for people.
std::string summary(const Tensor& tensor) {
  if (tensor.element_count() == 0) return "empty";
  if (tensor.dtype() == DType::String) {
    const auto strings = tensor.values<std::string>();
    return fmt::format("\"{}\"",
                       fmt::join(strings.subspan(0, std::min<std::size_t>(4, strings.size())), "\", \""));
  }
  if (is_complex(tensor.dtype())) return "";
  const std::vector<double> values = to_doubles(tensor);
  double sum = 0;
  for (const double value : values) sum += value;
  const auto [least, most] = std::ranges::minmax(values);
  const std::size_t shown = std::min<std::size_t>(values.size(), 6);
  return fmt::format("min {:.6g} max {:.6g} mean {:.6g} [{:.6g}{}]", least, most,
                     sum / static_cast<double>(values.size()),
                     fmt::join(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                     values.size() > shown ? ", ..." : "");
}

// Writes a datum as NAME.npy; the elements of a sequence as NAME_0.npy, NAME_1.npy, ...; a map as its two
// parts.
void write_output(const fs::path& folder, const std::string& name, const Datum& datum) {
  if (datum.is_tensor()) return write_npy(folder / (name + ".npy"), datum.tensor());
  if (datum.is_map()) {
    write_npy(folder / (name + "_keys.npy"), datum.map().keys);
    write_npy(folder / (name + "_values.npy"), datum.map().values);
  }
  if (datum.is_sparse()) write_npy(folder / (name + ".npy"), densify(datum.sparse()));
  if (datum.is_sequence())
    for (std::size_t i = 0; i < datum.sequence().size(); ++i)
      write_output(folder, fmt::format("{}_{}", name, i), datum.sequence()[i]);
}

void write_outputs(const fs::path& folder, const std::vector<Port>& ports,
                   const std::vector<Datum>& outputs) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) fail(ErrorCode::Io, "{}: {}", folder.string(), failed.message());
  std::vector<std::string> taken;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::string name = file_name(ports[i].name);
    while (std::ranges::find(taken, name) != taken.end()) name += "_";
    taken.push_back(name);
    write_output(folder, name, outputs[i]);
  }
}

}  // namespace

int run(Arguments arguments) {
  if (!arguments.empty())
    if (const auto recipe = find_recipe(arguments.front())) return run_recipe(*recipe, arguments.subspan(1));
  std::string model;
  std::string folder;
  std::string json;
  InputOptions input_options;
  SessionOptions options;
  LimitOptions limits;
  CommandLine line("run", "Run a model once, or a recipe on files: run ocr PICTURE...");
  line.add_option("MODEL", model,
                  "An ONNX file, a compiled file, or the text form of a graph (.txt); or a recipe")
      ->required();
  input_options.add_to(line);
  line.add_option("--output", folder, "Write each output to this folder as .npy");
  add_session_options(line, options);
  limits.add_to(line);
  line.add_option("--json", json, "Write a summary of the run to this file");
  if (!line.read(arguments)) return 0;
  options.limits = limits.limits();

  const Stopwatch load_watch;
  const auto name_model = [&] { return model; };
  const Registry registry = standard_registry();
  const OpenedSession opened = open_session(model, registry, options, shape_change(input_options));
  const Session& session = opened.session;
  const double load_ms = load_watch.milliseconds();
  print_notice(opened.notice);
  const std::vector<Datum> inputs =
      within(name_model, [&] { return read_inputs(session.inputs(), input_options); });

  RunOptions run_options;
  run_options.seed = input_options.random_seed.value_or(0);
  const Stopwatch run_watch;
  const std::vector<Datum> outputs = within(name_model, [&] { return session.run(inputs, run_options); });
  const double run_ms = run_watch.milliseconds();

  Json listed = Json::array();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string what = text(outputs[i]);
    const std::string seen = outputs[i].is_tensor() ? summary(outputs[i].tensor()) : "";
    fmt::print("{}: {} {}\n", session.outputs()[i].name, what, seen);
    listed.add(Json::object({{"name", session.outputs()[i].name}, {"type", what}, {"summary", seen}}));
  }
  if (!session.fallbacks().empty())
    fmt::print("{} nodes had no kernel and ran by their reference: {}\n", session.fallbacks().size(),
               fmt::join(session.fallbacks(), ", "));
  fmt::print("loaded in {:.1f} ms, ran in {:.1f} ms\n", load_ms, run_ms);
  if (!folder.empty()) write_outputs(folder, session.outputs(), outputs);
  if (!json.empty())
    write_text(json, Json::object({{"outputs", std::move(listed)},
                                   {"fallbacks", Json::array_of(session.fallbacks())},
                                   {"load_ms", load_ms},
                                   {"run_ms", run_ms}})
                         .text());
  return 0;
}

}  // namespace atlas::cli

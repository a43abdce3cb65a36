// Finding, loading and judging of suite cases.
#include "cli/conformance_suite.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"
#include "atlas/base/yaml.h"
#include "atlas/formats/onnx/datum_proto.h"
#include "atlas/formats/onnx/onnx_reader.h"
#include "atlas/tensor/elements.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

// input_0.pb, input_1.pb, ... as long as they exist.
std::vector<fs::path> numbered(const fs::path& folder, const std::string& stem) {
  std::vector<fs::path> out;
  while (true) {
    fs::path next = folder / fmt::format("{}_{}.pb", stem, out.size());
    if (!fs::exists(next)) return out;
    out.push_back(std::move(next));
  }
}

void read_settings(const fs::path& folder, ConformanceCase& test) {
  const fs::path settings = folder / "data.json";
  if (!fs::exists(settings)) return;
  const Yaml json = Yaml::read(settings);  // JSON is YAML
  if (const Yaml* relative = json.find("rtol")) test.tolerance.relative = relative->number(0, 1);
  if (const Yaml* absolute = json.find("atol")) test.tolerance.absolute = absolute->number(0, 1);
  const Yaml* url = json.find("url");
  if (url == nullptr) return;
  // "onnx/backend/test/data/light/light_x.onnx" stands beside the folder of the case's folder.
  const fs::path light = folder.parent_path().parent_path() / "light";
  test.model = light / fs::path(url->text()).filename();
  test.outputs = numbered(light, fs::path(url->text()).stem().string() + "_output");
}

// The suite's rule for models without recorded inputs: 0, 1/n, 2/n, ... in f32.
Datum made_input(const Port& port) {
  require(port.type.is_tensor() && port.type.dtype == DType::F32 && port.type.dims.has_value(),
          "input '{}': cannot make values of type {}", port.name, text(port.type));
  Shape shape;
  for (const Dim& dim : *port.type.dims) shape.push_back(dim.is_constant() ? dim.value() : 1);
  Tensor out(DType::F32, shape);
  const std::span<float> values = out.values_mutable<float>();
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(static_cast<double>(i) / static_cast<double>(values.size()));
  return out;
}

bool draws_at_random(const Graph& graph, const OpRegistry& ops) {
  bool found = false;
  for (const NodeId id : graph.order()) {
    const OpDef* op = ops.find(graph.node(id));
    found = found || (op != nullptr && op->nondeterministic);
    for_each_subgraph(graph.node(id),
                      [&](const Graph& nested) { found = found || draws_at_random(nested, ops); });
  }
  return found;
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments(std::span<const double> values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const double count = std::max<double>(1, static_cast<double>(values.size()));
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

// One recorded draw says little; its mean must be one that our draws could have.
std::string judge_draws(const Session& session, const std::vector<Datum>& inputs,
                        const std::vector<Datum>& expected) {
  constexpr int kDraws = 500;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::vector<double> means;
    double spread = 0;  // of the mean of one draw, as far as its elements tell
    for (int draw = 0; draw < kDraws; ++draw) {
      RunOptions options;
      options.seed = static_cast<std::uint64_t>(draw) * 1000003;
      const Datum first = session.run(inputs, options)[i];
      if (draw == 0) {
        if (!identical(first.tensor(), session.run(inputs, options)[i].tensor()))
          return fmt::format("output {}: one seed gives two draws", i);
        if (text(first) != text(expected[i]))
          return fmt::format("output {}: expected {}, got {}", i, text(expected[i]), text(first));
      }
      const std::vector<double> values = to_doubles(first.tensor());
      const Moments own = moments(values);
      means.push_back(own.mean);
      spread = std::max(spread,
                        own.deviation / std::sqrt(std::max<double>(1, static_cast<double>(values.size()))));
    }
    const Moments ours = moments(means);
    const double recorded = moments(to_doubles(expected[i].tensor())).mean;
    if (std::abs(recorded - ours.mean) > 5 * std::max(ours.deviation, spread) + 1e-6)
      return fmt::format("output {}: the recorded mean {} is none that draws of mean {} +- {} could have", i,
                         recorded, ours.mean, std::max(ours.deviation, spread));
  }
  return "";
}

std::string judge_outputs(const std::vector<Datum>& got, const std::vector<Datum>& expected,
                          const Tolerance& tolerance) {
  if (got.size() < expected.size())
    return fmt::format("expected {} outputs, got {}", expected.size(), got.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string what = difference(got[i], expected[i], tolerance);
    if (!what.empty()) return fmt::format("output {}: {}", i, what);
  }
  return "";
}

std::vector<Datum> read_all(const std::vector<fs::path>& files, const std::vector<Port>& ports) {
  std::vector<Datum> out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    require(i < ports.size(), "{}: the model has {} values of this kind", files[i].string(), ports.size());
    out.push_back(read_onnx_datum(files[i], ports[i].type));
  }
  return out;
}

}  // namespace

std::vector<ConformanceCase> find_cases(const fs::path& root) {
  if (!fs::is_directory(root)) fail(ErrorCode::NotFound, "{}: expected a folder of cases", root.string());
  std::vector<ConformanceCase> out;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
    if (!at->is_directory()) continue;
    const fs::path& folder = at->path();
    ConformanceCase test;
    test.folder = fs::absolute(folder).parent_path().filename().string();
    test.name = folder.filename().string();
    test.model = folder / "model.onnx";
    read_settings(folder, test);
    if (!fs::exists(test.model)) continue;
    at.disable_recursion_pending();
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_directory() && entry.path().filename().string().starts_with("test_data_set"))
        test.data_sets.push_back(entry.path());
    std::ranges::sort(test.data_sets);
    out.push_back(std::move(test));
  }
  if (out.empty())
    fail(ErrorCode::NotFound, "{}: no case (a folder with model.onnx) below it", root.string());
  std::ranges::sort(out, {}, [](const ConformanceCase& c) { return std::pair(c.folder, c.name); });
  return out;
}

std::string judge(const ConformanceCase& test, const Registry& registry, const SessionOptions& options,
                  bool& judged_by_mean) {
  Graph graph = read_onnx(test.model);
  const bool random = draws_at_random(graph, registry.ops);
  const Session session(std::move(graph), registry, options);
  if (test.data_sets.empty()) {
    std::vector<Datum> inputs;
    for (const Port& port : session.inputs()) inputs.push_back(port.has_default ? Datum() : made_input(port));
    return judge_outputs(session.run(inputs), read_all(test.outputs, session.outputs()), test.tolerance);
  }
  for (const fs::path& set : test.data_sets) {
    std::vector<Datum> inputs = read_all(numbered(set, "input"), session.inputs());
    inputs.resize(session.inputs().size());
    const std::vector<Datum> expected = read_all(numbered(set, "output"), session.outputs());
    std::string reason = judge_outputs(session.run(inputs), expected, test.tolerance);
    if (!reason.empty() && random) {
      judged_by_mean = true;
      reason = judge_draws(session, inputs, expected);
    }
    if (!reason.empty()) return set.filename().string() + ": " + reason;
  }
  return "";
}

}  // namespace atlas::cli

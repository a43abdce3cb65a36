// Layers in the order of the graph: a part may start from those before a mark. The later the mark, the
// smaller the part.
#include "atlas/run/bisect.h"

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/graph/cut.h"

namespace atlas {
namespace {

class Bisection {
 public:
  Bisection(const Graph& graph, ValueId failing, const LayerMap& expected, std::span<const Datum> inputs,
            const std::function<Session(Graph)>& compile, const RunOptions& options)
      : graph_(graph),
        failing_(failing),
        expected_(expected),
        inputs_(inputs),
        compile_(compile),
        options_(options) {
    for (const NodeId id : graph.order())
      for (const ValueId output : graph.node(id).outputs) {
        if (output == failing) return;
        if (output != ValueId::None && expected.contains(graph.value(output).name)) layers_.push_back(output);
      }
  }

  std::size_t layer_count() const { return layers_.size(); }

  /// The part that starts from graph inputs and the first `mark` layers.
  FailingPart part(std::size_t mark) const {
    std::vector<ValueId> start(layers_.begin(), layers_.begin() + static_cast<std::ptrdiff_t>(mark));
    start.insert(start.end(), graph_.inputs.begin(), graph_.inputs.end());
    start = needed(start);
    FailingPart out;
    out.graph = cut(graph_, start, {&failing_, 1});
    for (const ValueId value : start) {
      const auto input = std::ranges::find(graph_.inputs, value);
      Datum datum = input == graph_.inputs.end()
                        ? Datum(expected_.at(graph_.value(value).name))
                        : inputs_[static_cast<std::size_t>(input - graph_.inputs.begin())];
      Value& inside = out.graph.value(out.graph.inputs[out.inputs.size()]);
      if (datum.is_empty()) datum = graph_.value(value).constant;
      if (datum.is_tensor())
        inside.type = Type::tensor(datum.tensor().dtype(), dims_of(datum.tensor().shape()));
      out.inputs.push_back(std::move(datum));
    }
    out.expected = expected_.at(graph_.value(failing_).name);
    const std::vector<Datum> results = compile_(out.graph).run(out.inputs, options_);
    out.deviation = deviation(results.at(0).tensor(), out.expected);
    return out;
  }

 private:
  // Those of `start` that the way back from the failing value meets first.
  std::vector<ValueId> needed(const std::vector<ValueId>& start) const {
    std::vector<bool> is_start(graph_.value_count(), false), seen(graph_.value_count(), false);
    for (const ValueId value : start) is_start[index(value)] = true;
    std::vector<ValueId> out, open = {failing_};
    while (!open.empty()) {
      const ValueId value = open.back();
      open.pop_back();
      if (value == ValueId::None || seen[index(value)]) continue;
      seen[index(value)] = true;
      if (is_start[index(value)]) {
        out.push_back(value);
        continue;
      }
      const NodeId producer = graph_.value(value).producer;
      if (producer != NodeId::None)
        for (const ValueId used : uses(graph_.node(producer))) open.push_back(used);
    }
    std::ranges::sort(out);
    return out;
  }

  const Graph& graph_;
  ValueId failing_;
  const LayerMap& expected_;
  std::span<const Datum> inputs_;
  const std::function<Session(Graph)>& compile_;
  const RunOptions& options_;
  std::vector<ValueId> layers_;  // expected ones before the failing value, in order
};

}  // namespace

std::optional<FailingPart> bisect(const Graph& graph, const std::string& failing, const LayerMap& expected,
                                  std::span<const Datum> inputs, double tolerance,
                                  const std::function<Session(Graph)>& compile, const RunOptions& options) {
  const ValueId value = graph.find(failing);
  require(value != ValueId::None && graph.value(value).producer != NodeId::None,
          "bisect: expected a value that a node of the model makes, got '{}'", failing);
  const Bisection bisection(graph, value, expected, inputs, compile, options);
  FailingPart smallest = bisection.part(bisection.layer_count());
  if (!smallest.deviation.within(tolerance)) return smallest;
  smallest = bisection.part(0);
  if (smallest.deviation.within(tolerance)) return std::nullopt;
  // Fails from `low` on the left, passes at `high`.
  std::size_t low = 0, high = bisection.layer_count();
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    FailingPart part = bisection.part(middle);
    if (part.deviation.within(tolerance)) {
      high = middle;
    } else {
      low = middle;
      smallest = std::move(part);
    }
  }
  return smallest;
}

}  // namespace atlas

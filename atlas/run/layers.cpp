// Observers of the end of each step.
#include "atlas/run/layers.h"

#include "atlas/base/error.h"
#include "atlas/run/step_facts.h"

namespace atlas {
namespace {

class LayerObserver : public RunObserver {
 public:
  explicit LayerObserver(const std::function<void(const Layer&)>& visit) : visit_(visit) {}

  void begin(const StepView&) override { ++depth_; }
  void end(const StepView& step) override {
    if (--depth_ > 0) return;  // values of nested graphs may be made many times
    const Node& node = step.node();
    for (const ValueId output : node.outputs) {
      if (output == ValueId::None || !step.datum(output).is_tensor()) continue;
      const std::string& value = step.graph().value(output).name;
      visit_({value, node.name.empty() ? value : node.name, step_op(node), step.datum(output).tensor()});
    }
  }

 private:
  const std::function<void(const Layer&)>& visit_;
  int depth_ = 0;
};

}  // namespace

void visit_layers(const Session& session, std::span<const Datum> inputs, RunOptions options,
                  const std::function<void(const Layer&)>& visit) {
  LayerObserver observer(visit);
  options.observer = &observer;
  session.run(inputs, options);
}

std::vector<Layer> record_layers(const Session& session, std::span<const Datum> inputs,
                                 const RunOptions& options, std::size_t limit_bytes) {
  std::vector<Layer> layers;
  std::size_t bytes = 0;
  visit_layers(session, inputs, options, [&](const Layer& layer) {
    bytes += layer.tensor.size_bytes();
    if (bytes > limit_bytes)
      fail(ErrorCode::ResourceExhausted,
           "layers: expected at most {} bytes of all together, got more (use a smaller --shape)",
           limit_bytes);
    layers.push_back(layer);
    layers.back().tensor = layer.tensor.clone();
  });
  return layers;
}

std::size_t LayerComparison::first_beyond(double tolerance) const {
  std::size_t i = 0;
  while (i < layers.size() && layers[i].deviation.within(tolerance)) ++i;
  return i;
}

LayerComparison compare_layers(const Session& session, std::span<const Datum> inputs,
                               const RunOptions& options, const LayerMap& expected) {
  LayerComparison comparison;
  visit_layers(session, inputs, options, [&](const Layer& layer) {
    const auto found = expected.find(layer.value);
    if (found == expected.end())
      ++comparison.unmatched;
    else
      comparison.layers.push_back(
          {layer.value, layer.node, layer.op, deviation(layer.tensor, found->second)});
  });
  return comparison;
}

}  // namespace atlas

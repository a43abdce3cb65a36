// Costs come from the sizes that a run had.
#include "atlas/run/step_facts.h"

#include <algorithm>
#include <set>

#include "atlas/base/error.h"
#include "atlas/ops/cost_context.h"
#include "atlas/run/step_clock.h"

namespace atlas {
namespace {

Type type_of(const StepView& step, ValueId value) {
  if (value == ValueId::None) return {};
  const Datum& datum = step.datum(value);
  if (datum.is_tensor()) return Type::tensor(datum.tensor().dtype(), dims_of(datum.tensor().shape()));
  return step.graph().value(value).type;
}

std::vector<Type> types_of(const StepView& step, const std::vector<ValueId>& values) {
  std::vector<Type> types;
  for (const ValueId value : values) types.push_back(type_of(step, value));
  return types;
}

void set_cost(Event& event, const StepView& step, const OpRegistry& ops) {
  const OpDef* op = ops.find(step.node());
  if (op == nullptr) return;
  const CostContext context(*op, step.node(), types_of(step, step.node().inputs),
                            types_of(step, step.node().outputs));
  Cost cost;
  try {
    cost = cost_of(*op, context);
  } catch (const Error&) {
    return;  // a sequence or a map has no size that a cost is made for
  }
  event.operations = cost.total_operations();
  event.bytes = cost.bytes_read + cost.bytes_written;
  const auto most = std::ranges::max_element(cost.operations);
  if (*most > 0) event.format = name(static_cast<DType>(most - cost.operations.begin()));
  if (event.format == "f32") event.format = number_format(step.precision());
}

}  // namespace

std::string step_name(const Graph& graph, const Node& node) {
  if (!node.name.empty()) return node.name;
  for (const ValueId value : node.outputs)
    if (value != ValueId::None) return graph.value(value).name;
  return node.op;
}

std::string step_op(const Node& node) {
  const bool fused = node.domain == "com.microsoft" && node.op == "FusedConv";
  if (node.domain == "atlas" && node.op == "BlockedConvPair") return "Conv+DepthwiseConv";
  const bool linear = node.domain == "atlas" && node.op == "Linear";
  if (!fused && !linear && node.op != "BlockedConv") return node.op;
  std::string out = linear ? "MatMul" : "Conv";
  if (node.inputs.size() > 3 && node.inputs[3] != ValueId::None) out += "+Add";
  const std::string activation = node.attributes.string("activation", "");
  return activation.empty() ? out : out + "+" + activation;
}

void StepFacts::begin(const StepView& step) {
  if (events.size() >= StepClock::kMostSteps)
    fail(ErrorCode::ResourceExhausted,
         "profile: expected a run of at most {} steps, got more (shorten its loops)", StepClock::kMostSteps);
  depths.push_back(static_cast<int>(open_.size()));
  open_.push_back(events.size());
  memory.emplace_back();
  Event event;
  event.node = step_name(step.graph(), step.node());
  event.op = step_op(step.node());
  events.push_back(std::move(event));
}

void StepFacts::end(const StepView& step) {
  const std::size_t i = open_.back();
  open_.pop_back();
  Event& event = events[i];
  // What a step with nested graphs reads and makes is counted in them.
  const bool is_leaf = i + 1 == events.size() || depths[i + 1] <= depths[i];
  if (is_leaf) set_cost(event, step, ops_);
  for (const ValueId output : step.node().outputs) {
    if (output == ValueId::None) continue;
    event.shape = text(step.datum(output));
    break;
  }
  std::set<std::size_t> reads;
  for (const ValueId used : uses(step.node()))
    if (const auto made = made_by_.find({&step.graph(), used}); made != made_by_.end())
      reads.insert(made->second);
  event.reads.assign(reads.begin(), reads.end());
  for (const ValueId output : step.node().outputs)
    if (output != ValueId::None) made_by_[{&step.graph(), output}] = i;
  memory[i] = step.memory();
  fallbacks += step.is_fallback();
}

void StepCounts::charge() {
  std::vector<double> now = counters_.read();
  if (!open_.empty())
    for (std::size_t i = 0; i < now.size(); ++i) counts[open_.back()][i] += now[i] - last_[i];
  last_ = std::move(now);
}

void StepCounts::begin(const StepView&) {
  charge();
  open_.push_back(counts.size());
  counts.emplace_back(last_.size(), 0.0);
}

void StepCounts::end(const StepView&) {
  charge();
  open_.pop_back();
}

}  // namespace atlas

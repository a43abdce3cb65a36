// The recorder of everything but time: names, sizes, costs and memory of the steps of a run.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "atlas/ops/ops.h"
#include "atlas/run/hardware_counters.h"
#include "atlas/targets/target.h"
#include "atlas/timeline/timeline.h"

namespace atlas {

/// The node's name, or that of a value that it makes where it has none.
std::string step_name(const Graph& graph, const Node& node);

/// What ran as one: "Conv+Add+Relu" of a convolution with what was fused behind it.
std::string step_op(const Node& node);

/// Makes an event of each step, without times.
class StepFacts : public RunObserver {
 public:
  explicit StepFacts(const OpRegistry& ops) : ops_(ops) {}

  void begin(const StepView& step) override;
  void end(const StepView& step) override;

  std::vector<Event> events;      // in the order in which steps began
  std::vector<int> depths;        // 0 at the top, more in nested graphs
  std::vector<MemoryUse> memory;  // at the end of each step
  std::size_t fallbacks = 0;

 private:
  const OpRegistry& ops_;
  std::vector<std::size_t> open_;
  std::map<std::pair<const Graph*, ValueId>, std::size_t> made_by_;  // event, of each value so far
};

/// Counts what the processor did in each step, nested steps not counted in those that hold them.
class StepCounts : public RunObserver {
 public:
  explicit StepCounts(const HardwareCounters& counters) : counters_(counters) {}

  void begin(const StepView& step) override;
  void end(const StepView& step) override;

  std::vector<std::vector<double>> counts;  // in the order in which steps began

 private:
  const HardwareCounters& counters_;
  std::vector<std::size_t> open_;
  std::vector<double> last_;  // the reading before

  void charge();
};

}  // namespace atlas

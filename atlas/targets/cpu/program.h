// A graph compiled for the CPU: its nodes as steps, each with a kernel or its reference.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "atlas/ops/ops.h"
#include "atlas/targets/cpu/frame.h"
#include "atlas/targets/cpu/kernel.h"
#include "atlas/targets/target.h"

namespace atlas::cpu {

class CpuProgram : public Program {
 public:
  /// Of a graph that was lowered for the precision. The registry and the pool must outlive the program;
  /// `weights`, where not null, gives or gets what the kernels of the graph pack, those of nested graphs
  /// excepted.
  CpuProgram(Graph lowered, const OpRegistry& ops, ThreadPool& pool, Precision precision,
             WeightStore* weights = nullptr);

  void run(std::span<const Datum> inputs, std::span<Datum> outputs, const RunOptions& options) override;
  std::vector<std::string> fallbacks() const override;
  std::size_t steps_in(Precision precision) const override;

  /// Whether runs need the elements of a constant.
  bool reads(ValueId constant) const { return !constants_[index(constant)].is_empty(); }

 private:
  struct Step {
    NodeId node;
    std::unique_ptr<Kernel> kernel;  // nullptr: the reference
    Sharing sharing = Sharing::None;
    bool is_fallback = false;
    std::vector<Type> output_types;  // for the reference
    std::map<const Graph*, std::unique_ptr<CpuProgram>> bodies;
  };
  class Context;
  class Observed;
  struct Run;

  void drop_what_nobody_reads();
  void run_nested(std::span<const Datum> inputs, std::span<const Datum> captured, std::span<Datum> outputs,
                  const RunOptions& options);
  void observe_step(const Step& step, Run& run);
  void run_step(const Step& step, Run& run);
  void run_reference(const Step& step, Run& run);
  void collect_outputs(Run& run) const;

  Graph graph_;
  const OpRegistry& ops_;
  ThreadPool& pool_;
  std::vector<Datum> constants_;  // by value
  std::vector<Step> steps_;
  std::unique_ptr<ArenaPlanner> planner_;
  std::unique_ptr<FramePool> frames_;
};

}  // namespace atlas::cpu

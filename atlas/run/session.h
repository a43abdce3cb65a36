// A graph compiled for a target, ready to run any number of times.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "atlas/base/thread_pool.h"
#include "atlas/graph/port.h"
#include "atlas/passes/passes.h"
#include "atlas/run/registry.h"

namespace atlas {

struct SessionOptions {
  std::string target = "cpu";
  std::size_t threads = 0;  // 0: as many as the process may use
  Precision precision = Precision::F32;
  bool strict = false;  // a node without a kernel is an error
  PassOptions passes;
  Limits limits;
};

struct CompiledModel;

/// Any number of threads may run one Session at once.
class Session {
 public:
  /// Runs the passes and compiles. The registry must outlive the session. Throws Error, naming the node,
  /// where the graph is wrong, Unsupported where `strict` is set and nodes have no kernel, ResourceExhausted
  /// and DeadlineExceeded past the limits, which hold for the runs too.
  Session(Graph graph, const Registry& registry, SessionOptions options = {});
  /// Of what was compiled before, with the same key. Throws as the other, and InvalidArgument where it is no
  /// program of the target.
  Session(CompiledModel compiled, const Registry& registry, SessionOptions options = {});

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }

  /// By position. An empty Datum keeps an input's default.
  std::vector<Datum> run(std::span<const Datum> inputs, const RunOptions& options = {}) const;
  /// Into `outputs`, where a tensor on entry lends its memory; its type and shape must be those of the
  /// output.
  void run(std::span<const Datum> inputs, std::span<Datum> outputs, const RunOptions& options = {}) const;
  /// By name. Throws InvalidArgument on an unknown name.
  std::map<std::string, Datum> run(const std::map<std::string, Datum>& inputs,
                                   const RunOptions& options = {}) const;

  std::size_t threads() const { return pool_->size(); }
  /// What this session's threads reach at best on its target, measured now.
  Roof measure_roof() const { return target_->measure_roof(*pool_); }

  /// Nodes that run by their reference for want of a kernel.
  const std::vector<std::string>& fallbacks() const { return fallbacks_; }
  /// How many steps that multiply matrices or windows round their factors to this precision.
  std::size_t steps_in(Precision precision) const { return program_->steps_in(precision); }
  const std::vector<PassReport>& pass_reports() const { return pass_reports_; }

 private:
  void finish(const SessionOptions& options);

  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<PassReport> pass_reports_;
  std::vector<std::string> fallbacks_;
  Limits limits_;
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<Program> program_;
  const Target* target_ = nullptr;
};

}  // namespace atlas

// What executes graphs: the interface between a session and a kind of hardware.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/tensor/datum.h"

namespace atlas {

class OpRegistry;
class ThreadPool;

struct CompileOptions {
  ThreadPool* pool = nullptr;  // must outlive the program
};

struct RunOptions {
  /// Past it a run ends with DeadlineExceeded; looked at between steps.
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// Set by another thread, it ends the run with Cancelled; looked at between steps.
  const std::atomic<bool>* cancelled = nullptr;
  /// Of random operators that name no seed of their own.
  std::uint64_t seed = 0;
};

/// A compiled graph. Any number of threads may run it at once.
class Program {
 public:
  virtual ~Program() = default;

  /// `inputs` in the order of the graph's inputs, an empty Datum for one that keeps its default. On entry a
  /// tensor in `outputs` lends its memory for that output, whose type and shape it must have; on return all
  /// outputs are filled. Throws Error; the message names the node.
  virtual void run(std::span<const Datum> inputs, std::span<Datum> outputs, const RunOptions& options) = 0;

  /// Nodes that have no kernel here and run by their reference, described for people.
  virtual std::vector<std::string> fallbacks() const = 0;
};

class Target {
 public:
  virtual ~Target() = default;
  virtual std::string_view name() const = 0;

  /// `graph` has its types inferred and its functions inlined. Throws Unsupported, naming the node, where an
  /// operator has neither kernel nor reference. The registry must outlive the program.
  virtual std::unique_ptr<Program> compile(Graph graph, const OpRegistry& ops,
                                           const CompileOptions& options) const = 0;
};

}  // namespace atlas

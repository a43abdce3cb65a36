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
#include "atlas/graph/lowered_graph.h"
#include "atlas/tensor/datum.h"
#include "atlas/timeline/roof.h"

namespace atlas {

class OpRegistry;
class ThreadPool;

/// What the factors of products are rounded to: numbers of a format, or 8-bit levels that take their scale
/// from the numbers as they come. Results, and all other arithmetic on f32, stay f32.
enum class Precision : std::uint8_t { F32, Bf16, Int8 };

/// "f32", "bf16", "int8".
std::string_view name(Precision precision);
/// As rates of hardware are called: "f32", "bf16", "i8".
std::string_view number_format(Precision precision);
/// Throws InvalidArgument for other names.
Precision precision_named(std::string_view name);

struct CompileOptions {
  ThreadPool* pool = nullptr;  // must outlive the program
  Precision precision = Precision::F32;
};

/// Memory that a run holds, without the model's own constants.
struct MemoryUse {
  std::size_t arena_bytes = 0;   // of values in the planned arena
  std::size_t buffer_bytes = 0;  // of all others: inputs, outputs, sizes that were not known before
};

/// A step of a run as an observer sees it, valid during the call alone.
class StepView {
 public:
  virtual ~StepView() = default;
  /// The graph as the target runs it: nodes may have been fused or expanded.
  virtual const Graph& graph() const = 0;
  virtual const Node& node() const = 0;
  /// An input or output of the node. Empty where it is left out or not made yet, and for constants that a
  /// kernel has packed.
  virtual const Datum& datum(ValueId value) const = 0;
  /// Whether the node runs by its reference for want of a kernel.
  virtual bool is_fallback() const = 0;
  /// What the factors of its products are rounded to.
  virtual Precision precision() const { return Precision::F32; }
  virtual MemoryUse memory() const = 0;
};

/// Told of every step of a run by the thread that runs it; steps of nested graphs come between the two calls
/// of the step that holds them.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void begin(const StepView&) {}
  /// Not called where the step throws. Values that die with the step are still there.
  virtual void end(const StepView&) {}
};

struct RunOptions {
  /// Past it a run ends with DeadlineExceeded; looked at between steps.
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// Set by another thread, it ends the run with Cancelled; looked at between steps.
  const std::atomic<bool>* cancelled = nullptr;
  /// Of random operators that name no seed of their own.
  std::uint64_t seed = 0;
  /// Must outlive the run.
  RunObserver* observer = nullptr;
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

  /// How many steps that multiply matrices or windows, those of nested graphs included, round their factors
  /// to this precision.
  virtual std::size_t steps_in(Precision) const { return 0; }
};

/// How a target would run a node.
struct NodeSupport {
  enum class Kind : std::uint8_t { Native, Emulated, Missing };  // a kernel, the reference, nothing

  Kind kind = Kind::Missing;
  std::string node;    // described for people
  std::string reason;  // "" for Native
};

class Target {
 public:
  virtual ~Target() = default;
  virtual std::string_view name() const = 0;

  /// `graph` has its types inferred and its functions inlined. Throws Unsupported, naming the node, where an
  /// operator has neither kernel nor reference, and where the target lacks the precision. The registry must
  /// outlive the program.
  virtual std::unique_ptr<Program> compile(Graph graph, const OpRegistry& ops,
                                           const CompileOptions& options) const = 0;

  /// Names all that decides, beside the graph, what `lower` makes: processor, switches. "" where programs of
  /// this target cannot be kept.
  virtual std::string lowering_key(Precision) const { return ""; }

  /// What `compile` would make a program of, to be kept and loaded by a process with the same key. Takes and
  /// throws what `compile` does.
  virtual LoweredGraph lower(Graph graph, const OpRegistry& ops, Precision precision) const;

  /// A program out of what `lower` made, which may come from strangers: its graph is verified, its types are
  /// not yet. Throws InvalidArgument where it cannot be.
  virtual std::unique_ptr<Program> load(LoweredGraph lowered, const OpRegistry& ops,
                                        const CompileOptions& options) const;

  /// Whether the hardware multiplies numbers of this precision itself: a target that does not may emulate it.
  virtual bool multiplies(Precision precision) const { return precision == Precision::F32; }

  /// All nodes of a graph, nested ones included, by how they would run; one that is taken apart into nodes
  /// with kernels is native. The graph has its types inferred as far as they can be, and may hold operators
  /// that the registry lacks.
  virtual std::vector<NodeSupport> survey(const Graph& graph, const OpRegistry& ops) const = 0;

  /// What this hardware reaches at best with the pool's threads, measured in well under a second; empty where
  /// a target cannot tell.
  virtual Roof measure_roof(ThreadPool&) const { return {}; }
};

}  // namespace atlas

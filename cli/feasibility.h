// Whether a model would run on a machine as wished: the facts behind `atlas check`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atlas/ops/ops.h"
#include "atlas/targets/target.h"
#include "cli/device.h"

namespace atlas::cli {

/// What is wished; nothing where it does not matter.
struct Wishes {
  std::optional<double> seconds;
  std::optional<double> memory_bytes;  // by default what the machine has
  std::optional<double> watts;
};

/// What a machine would need for one run of a graph.
struct Needs {
  double weight_bytes = 0;
  double activation_bytes = 0;  // intermediate values and outputs, at the moment when they take most
  double program_bytes =
      0;  // of the target: itself, weights folded and packed anew, scratch; 0 where none is known
  double seconds = 0;
  double watts = 0;                    // while it runs
  std::vector<std::string> not_sized;  // nodes that are in neither time nor activations

  double memory_bytes() const { return weight_bytes + activation_bytes + program_bytes; }
};

/// `format`: "f32", "f16", "bf16", or "i8" for products and convolutions of 8 bits with the rest in f16; ""
/// for the model's own. `target` is what runs it, "" where nothing does. The graph has been through the
/// passes.
Needs needs_of(const Graph& graph, const OpRegistry& ops, const Device& device, const std::string& format,
               const std::string& target);

/// What stands in the way, one line each; empty where the wishes hold. Sizes that are not known stand in the
/// way of every wish that they decide.
std::vector<std::string> obstacles(const Needs& needs, const Wishes& wishes, double machine_bytes);

struct Remedy {
  std::string what;
  Needs needs;
  bool helps_enough = false;  // no wish is left open
};

/// Other formats, a batch of one, and up to three machines of the catalogue that would do, the smallest power
/// first; those that are no better in anything that stands in the way are left out.
std::vector<Remedy> remedies(const Graph& model, const OpRegistry& ops, Devices& devices,
                             const Catalogue& catalogue, const std::string& machine,
                             const std::string& format, const Wishes& wishes);

/// What of Atlas runs on a machine: the CPU target on processors, "" elsewhere.
std::string target_on(const Machine& machine);

}  // namespace atlas::cli

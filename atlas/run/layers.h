// The values inside a run, and two runs held against each other value by value.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "atlas/run/session.h"
#include "atlas/tensor/deviation.h"

namespace atlas {

/// A tensor that a step of the top graph made.
struct Layer {
  std::string value;  // its name in the graph
  std::string node;   // Node::name, or `value` where it has none
  std::string op;
  Tensor tensor;
};

/// Runs once and hands over each layer as it is made; the tensor is valid during the call alone.
void visit_layers(const Session& session, std::span<const Datum> inputs, RunOptions options,
                  const std::function<void(const Layer&)>& visit);

/// Copies of all layers. Throws ResourceExhausted where they take more than `limit_bytes`.
std::vector<Layer> record_layers(const Session& session, std::span<const Datum> inputs,
                                 const RunOptions& options, std::size_t limit_bytes);

struct LayerDeviation {
  std::string value;
  std::string node;
  std::string op;
  Deviation deviation;
};

struct LayerComparison {
  std::vector<LayerDeviation> layers;  // that both runs have, in the order of the run that is examined
  std::size_t unmatched = 0;  // made by that run alone: fused, expanded or named otherwise by the other

  /// Index of the first that is not within the tolerance; `layers.size()` where there is none.
  std::size_t first_beyond(double tolerance) const;
};

using LayerMap = std::map<std::string, Tensor>;  // by value

/// Runs the session and holds each layer against what is expected of it.
LayerComparison compare_layers(const Session& session, std::span<const Datum> inputs,
                               const RunOptions& options, const LayerMap& expected);

}  // namespace atlas

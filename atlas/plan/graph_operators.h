// The steps that a target runs a graph in, as operators that the models know.
#pragma once

#include <string>
#include <vector>

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"
#include "atlas/plan/operator.h"

namespace atlas {

/// Nodes that run as one.
struct Step {
  std::string name;        // of the first node, or of a value that it makes where it has none
  std::string op;          // "Conv+Add+Relu"
  Operator what;           // of the first node
  double extra_bytes = 0;  // that nodes behind it read besides its result: a residual, a scale
  double extra_operations = 0;
  double count = 1;                // times that it runs, one after the other
  double result_bytes = 0;         // as priced
  std::vector<std::size_t> reads;  // steps of the list whose results it reads, in order
};

struct StepList {
  std::vector<Step> steps;             // in the graph's order
  std::vector<std::string> not_sized;  // nodes without known sizes: they are in no step
  std::vector<std::size_t> outputs;    // steps whose results the graph gives out
  double input_bytes = 0;              // of the graph, as priced
};

/// A product, convolution, row-wise or element-wise step takes in the element-wise nodes behind it, as long
/// as its result has one user: what CPU and GPU targets fuse. Nodes that move nothing (Reshape, Shape, ...)
/// are no step. Real numbers are priced as `format` where it is not empty ("f16", "bf16"), else as the graph
/// has them. Types must be inferred. Nested graphs are priced once, as if run once.
StepList steps_of(const Graph& graph, const OpRegistry& ops, const std::string& format);

}  // namespace atlas

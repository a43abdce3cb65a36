// Inputs and outputs of a model as its callers see them.
#pragma once

#include <string>
#include <vector>

#include "atlas/graph/graph.h"

namespace atlas {

/// Name and type of an input or output.
struct Port {
  std::string name;
  Type type;
  bool has_default = false;
};

std::vector<Port> input_ports(const Graph& graph);
std::vector<Port> output_ports(const Graph& graph);

}  // namespace atlas

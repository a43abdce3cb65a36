// Text to graph: reads what `write_graph` writes.
#pragma once

#include <string_view>

#include "atlas/graph/graph.h"
#include "atlas/graph/limits.h"

namespace atlas {

/// `where` opens the messages (a file name). Throws InvalidArgument with line and column; what is parsed is
/// well formed, `verify` says whether it makes sense. Throws ResourceExhausted, so too, past `limits`. Memory
/// stays in proportion to the text.
Graph parse_graph(std::string_view text, std::string_view where = "text", const Limits& limits = {});

/// "axis=1, pads=[0, 1]", "" for none: the attributes of a node that is to stand in `outer`. Nested graphs
/// may capture values of `outer`, by their names.
Attributes parse_attributes(std::string_view text, Graph& outer);

/// "f32[N,3]", "sequence(f32)", ...
Type parse_type(std::string_view text);

}  // namespace atlas

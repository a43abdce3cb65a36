// A graph as text that a person can read and `parse_graph` reads back.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "atlas/graph/graph.h"

namespace atlas {

struct TextOptions {
  /// Constants of more elements are left out; such text is for people and cannot be read back.
  std::size_t elide_above = std::numeric_limits<std::size_t>::max();
};

/// Everything the graph holds but ids and values that nothing uses; nodes stand in `order()`:
///
///     graph "resnet" {
///       meta "producer" = "pytorch 2.9"
///       function my.domain::Twice(bias=1.0, axis) { input x: ?  y: ? = Add(x, x)  output y }
///       input x: f32[N,3,224,224]
///       input k: i64[] = i64[]{5}        # the default of an input
///       const w = f32[2]{1, 2.5}
///       y: f32[N,64], _ = Conv "node name"(x, w, _) {group=1, pad="SAME", strides=[2, 2]}
///       z: ? = com.microsoft::Foo(y) {body=graph "then" { capture p: ? = x  output p }}
///       output z
///     }
///
/// Attributes: 3, 3.0, "s", f32[1]{0}, graph, type f32[N], sparse [9] f32[1]{2} i64[1]{4}, @outer:real (a
/// reference, its kind left out where it is not known), lists of one kind in brackets, with the kind before
/// empty lists: integers[]. Equal graphs have equal text. Throws InvalidArgument on a cycle.
std::string write_graph(const Graph& graph, const TextOptions& options = {});

/// One attribute in the same form.
std::string text(const Attribute& attribute, const TextOptions& options = {});

}  // namespace atlas

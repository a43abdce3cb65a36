// Zeros put around an image before a convolution become the convolution's own padding.
#include <algorithm>

#include "atlas/graph/match.h"
#include "atlas/passes/nested.h"
#include "atlas/passes/passes.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

// The pads of a node that adds zeros around the spatial axes of an image, [begin..., end...]; empty for
// others.
std::vector<std::int64_t> zeros_around(const Graph& graph, const Matcher& match, const Node& pad) {
  const Type& image = graph.value(pad.inputs[0]).type;
  const bool has_axes = pad.inputs.size() > 3 && pad.inputs[3] != ValueId::None;
  if (pad.attributes.string("mode", "constant") != "constant" || has_axes || pad.inputs.size() < 2 ||
      !graph.is_constant(pad.inputs[1]) || !image.dims || image.dims->size() < 3)
    return {};
  if (pad.inputs.size() > 2 && pad.inputs[2] != ValueId::None && !match.is_number(pad.inputs[2], 0, 0))
    return {};
  const std::vector<std::int64_t> pads = to_ints(graph.value(pad.inputs[1]).constant);
  const std::size_t rank = image.dims->size();
  if (pads.size() != 2 * rank || pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0 ||
      std::ranges::any_of(pads, [](std::int64_t size) { return size < 0; }))
    return {};
  std::vector<std::int64_t> spatial(pads.begin() + 2, pads.begin() + static_cast<std::ptrdiff_t>(rank));
  spatial.insert(spatial.end(), pads.begin() + static_cast<std::ptrdiff_t>(rank) + 2, pads.end());
  return spatial;
}

bool fold(Graph& graph) {
  bool changed = false;
  const Matcher match(graph);
  for (const NodeId id : graph.order()) {
    const Node& conv = graph.node(id);
    if (!conv.domain.empty() || conv.op != "Conv" || conv.attributes.string("auto_pad", "NOTSET") != "NOTSET")
      continue;
    const NodeId maker = match.maker_id(conv.inputs[0]);
    if (maker == NodeId::None || !match.has_one_use(conv.inputs[0])) continue;
    const Node& pad = graph.node(maker);
    if (!pad.domain.empty() || pad.op != "Pad") continue;
    std::vector<std::int64_t> pads = zeros_around(graph, match, pad);
    const std::vector<std::int64_t> own = conv.attributes.integers("pads");
    if (pads.empty() || (!own.empty() && own.size() != pads.size())) continue;
    for (std::size_t i = 0; i < own.size(); ++i) pads[i] += own[i];
    Node padded = conv;
    padded.inputs[0] = pad.inputs[0];
    padded.attributes.set("pads", pads);
    graph.erase_node(id);
    graph.erase_node(maker);
    graph.add_node(std::move(padded));
    changed = true;
  }
  return changed;
}

}  // namespace

bool fold_padding(Graph& graph, const OpRegistry&) {
  return edit_all_levels(graph, fold);
}

}  // namespace atlas

// The order of the lowering, readable as a contents page.
#include "atlas/targets/cpu/lowering.h"

#include "atlas/targets/cpu/blocked_layout.h"
#include "atlas/targets/cpu/expansion.h"
#include "atlas/targets/cpu/kernels/switch.h"

namespace atlas::cpu {

Graph lower(Graph graph, const OpRegistry& ops, Precision precision) {
  if (!is_switched_off("tables")) fuse_level_tables(graph, ops);
  const bool integers = !is_switched_off("integers");
  if (integers) {
    lower_quantized(graph, ops);
    place_channels_last(graph);
  }
  expand_nodes_without_kernel(graph, ops);
  if (integers) fuse_integer_products(graph);
  if (!is_switched_off("attention")) fuse_attention(graph);
  if (!is_switched_off("epilogues")) fuse_epilogues(graph);
  if (!is_switched_off("blocks")) assign_blocked_layout(graph, ops, precision);
  nest_concats(graph);
  if (!is_switched_off("pairs")) pair_convolutions(graph);
  if (precision == Precision::Bf16) {
    join_normalizations(graph, ops);
    round_images(graph, ops);
    round_products(graph);
  }
  graph.compact();
  return graph;
}

}  // namespace atlas::cpu

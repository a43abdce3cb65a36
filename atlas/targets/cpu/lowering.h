// What the CPU target rewrites in a graph before it makes steps of it.
#pragma once

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"

namespace atlas::cpu {

/// All of what follows, in its order, and the layout of images; ids of the result are compact.
Graph lower(Graph graph, const OpRegistry& ops);

/// Convolutions take up the sum with a residual and the activation behind them (com.microsoft::FusedConv), so
/// that both happen while a tile is in the cache. One level of nesting; types must be inferred.
void fuse_convolutions(Graph& graph);

/// Where levels of 8 bits are made real numbers, go through an operator and become levels again, integers do
/// the work: QLinearConv, QLinearMatMul, QGemm, QLinearAdd; products whose result stays real become
/// MatMulIntegerToFloat and QGemm; what only moves or compares elements does so to levels. Scales and zero
/// points must be constants. Results may differ by one level. One level of nesting; types must be inferred
/// and are for new values.
void lower_quantized(Graph& graph, const OpRegistry& ops);

/// MatMulInteger whose sums are cast to f32, multiplied by the product of two scales and, perhaps, added to a
/// bias becomes MatMulIntegerToFloat. One level of nesting; types must be inferred.
void fuse_integer_products(Graph& graph);

/// Chains of quantised operators on images run with their channels last; transposes stand only where others
/// see the images. One level of nesting; types must be inferred and are for new values.
void place_channels_last(Graph& graph);

}  // namespace atlas::cpu

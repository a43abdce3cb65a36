// What the CPU target rewrites in a graph before it makes steps of it.
#pragma once

#include "atlas/graph/graph.h"
#include "atlas/ops/ops.h"
#include "atlas/targets/target.h"

namespace atlas::cpu {

/// All of what follows, in its order, and the layout of images; ids of the result are compact. ATLAS_OFF
/// leaves out some of it.
Graph lower(Graph graph, const OpRegistry& ops, Precision precision = Precision::F32);

/// Attention in pieces, softmax(scale Q K^T + mask) V over [batch, heads, length, size], becomes Attention,
/// which also reads and writes heads that lie side by side where they are only turned for its sake. One level
/// of nesting; types must be inferred and are for new values.
void fuse_attention(Graph& graph);

/// Convolutions, and products with a constant matrix, take up the sums with a bias and a residual and the
/// activation behind them (com.microsoft::FusedConv, atlas::Linear), so that these happen while a tile is in
/// the cache. One level of nesting; types must be inferred.
void fuse_epilogues(Graph& graph);

/// A blocked convolution of single pixels or of a plain image, and the depthwise one that alone reads it,
/// become atlas::BlockedConvPair. One level of nesting, after assign_blocked_layout; types must be inferred.
void pair_convolutions(Graph& graph);

/// A Concat whose first inputs another one joins takes that one's result in their place. One level of
/// nesting.
void nest_concats(Graph& graph);

/// A normalisation (a factor and an addend for each channel) becomes part of the convolution with products of
/// bfloat16 that alone reads it. One level of nesting, after assign_blocked_layout; types must be inferred.
void join_normalizations(Graph& graph, const OpRegistry& ops);

/// Blocked images that only convolutions with products of bfloat16 make and read become bfloat16 themselves.
/// One level of nesting, after assign_blocked_layout; types must be inferred.
void round_images(Graph& graph, const OpRegistry& ops);

/// What a Linear with products of bfloat16 makes and only such ones multiply becomes bfloat16 itself. One
/// level of nesting, after fuse_epilogues; types must be inferred.
void round_products(Graph& graph);

/// Chains of element-wise nodes between a quantised tensor and the next become atlas::LevelTable. Results may
/// differ by one level. One level of nesting; types must be inferred.
void fuse_level_tables(Graph& graph, const OpRegistry& ops);

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

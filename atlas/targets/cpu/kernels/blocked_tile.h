// The register-blocked heart of convolutions over blocked channels, one table per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atlas::cpu {

/// Channels that lie side by side: images are [channels / channel_block, positions, channel_block].
constexpr size_t channel_block = 16;

/// Sums for some positions and a panel of output channels:
/// y[row][lane] = clip(bias[lane] + residual + sum over blocks, taps, channels of x * weight).
struct BlockedTile {
  const float* input;      // the first block of channels
  size_t block_stride;     // floats from a block of the input to the next
  size_t blocks;           // at least 1
  size_t block_channels;   // of each block but the last
  size_t last_channels;    // of the last one
  const int32_t* offsets;  // [taps][rows]: floats to the position that the tap reads; below 0: padding
  size_t taps;
  const float* zeros;     // block_channels of them, read in the padding
  const float* weights;   // [block][tap][channel][lanes of the panel]
  const float* next;      // weights that will be read soon, fetched meanwhile; may be null
  size_t next_lines;      // cache lines of them for every four steps
  const float* bias;      // one for each lane of the panel
  float* output;          // row 0, lane 0
  const float* residual;  // where not null, laid out as the output
  size_t output_stride;   // floats from a block of lanes of the output to the next; the residual's too
  size_t output_pitch;    // floats from a row of the output to the next
  size_t residual_pitch;  // of the residual
  size_t first_lane;      // of the panel within its block of output channels
  float low, high;        // bounds of the result
};

/// Tiles for few rows add up several sums; a row's result
/// does not otherwise depend on how many there are.
using BlockedTileFunction = void (*)(const BlockedTile& tile);

struct BlockedKernel {
  static constexpr size_t max_rows = 14;
  static constexpr size_t max_vectors = 2;
  static constexpr size_t few_rows = 4;

  size_t rows;                                      // of the largest tile
  size_t lanes;                                     // floats per vector
  BlockedTileFunction tile[max_rows][max_vectors];  // [rows - 1][vectors - 1]
  // For one tap that reads positions side by side: offsets are not looked at.
  BlockedTileFunction dense_tile[max_rows][max_vectors];
  BlockedTileFunction few_tile[few_rows][max_vectors];  // for images that have no more rows than this

  size_t panel_lanes() const { return lanes * max_vectors; }
};

/// The table of the instruction set in use. Lives as long as the program.
const BlockedKernel& blocked_kernel();

}  // namespace atlas::cpu

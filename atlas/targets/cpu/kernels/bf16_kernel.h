// The register-blocked heart of products of bfloat16 with sums in f32, one table per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "atlas/targets/cpu/kernels/numbers.h"
#include "atlas/targets/cpu/kernels/tile_work.h"

namespace atlas::cpu {

/// Columns of a packed panel of B: a multiple of twice the vector length on every instruction set, so that
/// one packing serves all.
constexpr size_t bf16_columns = 32;
/// Steps of k that lie together: a row of a tile of AMX, in pairs.
constexpr size_t bf16_chunk = 32;
constexpr size_t bf16_panel_step = bf16_chunk * bf16_columns;  // elements of a chunk of a panel

/// sums[r * bf16_columns + j] = the products of row r of A and column j of a panel of B. Row r of chunk c
/// lies at a + offsets[c] + r * row_stride; a panel is [chunk][pair of steps][column][step of the pair].
/// Where factors have parts, they lie side by side in a row's chunk, and one behind the other in a panel's.
struct Bf16Tile {
  const Bf16* a;
  size_t row_stride;
  const int32_t* offsets;
  size_t chunks;
  const Bf16* b;
  float* sums;
  const void* next = nullptr;  // what is read soon of B, fetched into the second cache meanwhile
  size_t next_lines = 0;       // of the cache, for each chunk
};

/// Lets the tile fetch its part of the panel `next`, of Bf16 or of float, where it is one of `count` that
/// pass over the panel before.
template <typename T>
void fetch_part(Bf16Tile& tile, const T* next, size_t part, size_t count) {
  fetch_part(tile, next, tile.chunks, bf16_panel_step * sizeof(T) / 64, part, count);
}

/// What becomes of an image's numbers before they are rounded: max(x * factor + addend, least).
struct ChannelScale {
  const float* factors = nullptr;  // null where nothing becomes of them; else one for each channel
  const float* addends = nullptr;  // null adds nothing
  float least = -std::numeric_limits<float>::infinity();

  ChannelScale at(size_t channel) const {
    return {factors ? factors + channel : nullptr, addends ? addends + channel : nullptr, least};
  }
};

/// Places of an image from which a row of chunks is made: 16 channels each, `high` null where there are no
/// more. Channels from `lanes` on, of the two together, become 0.
template <typename T>
struct Bf16Blocks {
  const T *low, *high;
  size_t stride;  // elements from a position to the next
  size_t lanes;
  ChannelScale scale;
};

/// Half a row of sums after the other, 16 channels of a position each, becomes
/// clip(sum + bias + residual), side by side, as f32 or as bfloat16.
struct Bf16Store {
  const float* sums;
  size_t rows;
  const float* bias;     // one for each channel
  const void* residual;  // null adds nothing
  bool residual_is_bf16;
  float low, high;
  void* output;
  bool output_is_bf16;
};

struct Bf16Kernel {
  static constexpr size_t max_rows = 32;
  /// Rows behind the last one that tiles may read, and sums of that many rows in all that they may write.
  static constexpr size_t slack_rows = 32;

  size_t rows;       // of the largest tile
  size_t parts = 1;  // bfloat16s that are one factor together: 3 hold a float (split_kernel.h)
  /// [rows - 1][1 if more than half of the columns count]
  void (*tile[max_rows][2])(const Bf16Tile&);
  /// Nearest bfloat16s of `count` rows of k floats, `stride` apart: chunks in order, in each its rows, zeros
  /// behind the last step.
  void (*fill)(const float* rows, size_t stride, size_t count, size_t k, Bf16* to);
  /// A chunk for each of `positions`.
  void (*fill_blocks)(const Bf16Blocks<float>& blocks, size_t positions, Bf16* to);
  void (*copy_blocks)(const Bf16Blocks<Bf16>& blocks, size_t positions, Bf16* to);
  /// Of `count` numbers side by side.
  void (*round)(const float* from, size_t count, Bf16* to);
  void (*store)(const Bf16Store& store);
  void (*enter)() = nullptr, (*leave)() = nullptr;  // where not null: around the use of tiles on a thread

  size_t chunk() const { return parts * bf16_chunk; }
  size_t panel_step() const { return parts * bf16_panel_step; }
};

/// The use of tiles on this thread, while it lives.
class Bf16Use {
 public:
  explicit Bf16Use(const Bf16Kernel& kernel) : kernel_(kernel) {
    if (kernel_.enter) kernel_.enter();
  }
  ~Bf16Use() {
    if (kernel_.leave) kernel_.leave();
  }
  Bf16Use(const Bf16Use&) = delete;
  Bf16Use& operator=(const Bf16Use&) = delete;

 private:
  const Bf16Kernel& kernel_;
};

/// The table of the instruction set in use. Lives as long as the program.
const Bf16Kernel& bf16_kernel();

/// The one without instructions for bfloat16.
const Bf16Kernel& plain_bf16_kernel();

/// Whether the processor multiplies bfloat16s itself under the instruction set in use.
bool has_bf16_products();

/// Into how many tasks it is worth cutting so many products of that many numbers read and written.
size_t bf16_tasks(double products, double numbers, size_t threads);

/// Packs `columns` columns of B, k x columns: element (i, j) is b[i * k_stride + j * column_stride], times
/// `factor`. `memory` has room for k * bf16_columns floats and pack_slack.
void pack_bf16_columns(const float* b, size_t column_stride, size_t k_stride, size_t columns, size_t k,
                       float factor, float* memory, Bf16* to);

/// Writes `k` x `columns` floats, [k][bf16_columns], times `factor` as a panel: whole chunks, zeros behind
/// the last step.
void pack_bf16_panel(const float* from, size_t k, float factor, Bf16* to);

}  // namespace atlas::cpu

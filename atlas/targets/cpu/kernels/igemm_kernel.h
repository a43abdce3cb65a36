// The register-blocked heart of integer matrix products, one table per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atlas::cpu {

/// Columns of a packed panel of B: a multiple of twice the vector length on every instruction set, so that
/// one packing serves all. A panel holds the quads of k in order; in each, four steps of k for each column.
constexpr size_t igemm_columns = 32;

/// Where the quads of one channel of a pixel lie.
struct DepthwiseTaps {
  size_t quads, quad_stride;  // bytes
  size_t steps, step_stride;
};

/// Steps of k that lie together in A.
struct IgemmChunk {
  int32_t offset;  // bytes
  int32_t quads;   // 16 at most
};

/// How a run of steps is cut into chunks of one length: its weights are filled up with zeros.
struct EvenChunks {
  explicit EvenChunks(size_t steps);
  size_t steps() const { return count * quads * 4; }

  size_t count, quads;
};

/// sums[r * igemm_columns + j] = start[j] + the products of row r of A and column j of a panel of B, for the
/// first `columns` columns; others, and whole rows up to least_rows, may be written too. Sums wrap. Row r of
/// a chunk lies at a + its offset + r * row_stride.
struct IgemmTile {
  const std::byte* a;
  size_t row_stride;  // bytes
  const IgemmChunk* chunks;
  size_t chunk_count;
  const int8_t* b;
  const int32_t* start;
  size_t columns;
  int32_t* sums;
  const int8_t* next = nullptr;  // what is read soon of B, fetched into the second cache meanwhile
  size_t next_lines = 0;         // of the cache, for each chunk
};

struct IgemmKernel {
  static constexpr size_t max_rows = 32;
  static constexpr size_t chunk = 64;  // steps of k that lie together in a panel of A
  // Bytes behind a panel of A, and of B, that tiles may read; rows of sums that they may write at least.
  static constexpr size_t slack = 32 * chunk, least_rows = 16;

  using Tile = void (*)(const IgemmTile&);
  /// Writes `count` rows of k bytes as a panel of A: chunks in order, in each its rows, zeros up to whole
  /// quads (with AMX, up to whole chunks). Bytes are of the kernel's sign once `flip` is exclusive-ored to
  /// them.
  using Fill = void (*)(const uint8_t* const* rows, size_t count, size_t k, uint8_t flip, std::byte* to);

  /// sums[p * igemm_columns + c] = start[c] + the products of taps.quads times taps.steps quads for each of
  /// igemm_columns channels of `pixels` pixels, pixel_stride bytes apart. Weights are in that order, without
  /// gaps.
  using Depthwise = void (*)(const DepthwiseTaps& taps, size_t pixels, const uint8_t* x, size_t pixel_stride,
                             const int8_t* weights, const int32_t* start, int32_t* sums);

  size_t rows;         // of the largest tile
  size_t chunk_bytes;  // of one row
  bool reads_bytes;    // as they lie, not only as `fill` writes them
  bool reads_signed;   // bytes of A are signed, else unsigned
  Fill fill;
  Depthwise depthwise;
  Tile tile[max_rows];  // [rows - 1]
  // Where not null: around the use of tiles on a thread, all of whose chunks have so many quads, or are
  // filled up with zeros to them.
  void (*enter)(size_t quads) = nullptr;
  void (*leave)() = nullptr;

  uint8_t flip(bool is_signed) const { return is_signed == reads_signed ? 0 : 128; }
  /// What that adds to the number that a byte stands for.
  int32_t flip_shift(bool is_signed) const { return is_signed == reads_signed ? 0 : is_signed ? 128 : -128; }
  size_t row_bytes(size_t k) const { return (k + chunk - 1) / chunk * chunk_bytes; }
};

/// The use of tiles on this thread, while it lives.
class IgemmUse {
 public:
  explicit IgemmUse(const IgemmKernel& kernel, size_t quads = IgemmKernel::chunk / 4) : kernel_(kernel) {
    if (kernel_.enter) kernel_.enter(quads);
  }
  ~IgemmUse() {
    if (kernel_.leave) kernel_.leave();
  }
  IgemmUse(const IgemmUse&) = delete;
  IgemmUse& operator=(const IgemmUse&) = delete;

 private:
  const IgemmKernel& kernel_;
};

/// The table of the instruction set in use. Lives as long as the program.
const IgemmKernel& igemm_kernel();

/// The one that every processor of the architecture has.
const IgemmKernel& plain_igemm_kernel();

/// to[4 * i + r] = rows[r][i], exclusive-ored with `flip`, of four rows.
void interleave_quads(const uint8_t* const* rows, size_t count, uint8_t flip, uint8_t* to);

}  // namespace atlas::cpu

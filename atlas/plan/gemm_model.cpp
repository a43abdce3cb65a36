// For every tile and split that a library may choose, the time of the slowest of three flows; the best choice
// counts. The flows follow the roofline model (Williams, Waterman, Patterson, CACM 2009) with tiles in whole
// waves; operands that fit in L2 are read from memory once, others once per band of tiles in flight.
#include "atlas/plan/gemm_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace atlas {
namespace {

enum : std::size_t {
  kStep,
  kSplitLatency,
  kLaunch,
  kArithmetic,
  kBandwidth,
  kFill,
  kFeed,
  kRamp,
  kL2,
  kDrain,
  kPrepare,
  kOverlap
};

constexpr ModelConstant kParameters[] = {
    {"least_step", 0.2, 0.02, 1,
     "time of one step along K of the smallest tile, in units of the largest tile's"},
    {"split_latency_us", 1, 0.05, 8, "added where K is split: the partial sums meet"},
    {"launch_us", 2, 0.3, 60, "from the queue to the first instruction, and the end"},
    {"arithmetic", 0.95, 0.4, 1.15, "of the rate at the sustained clock, reached by the largest tile"},
    {"bandwidth", 0.85, 0.3, 1, "of the memory's bandwidth, reached by streams"},
    {"fill_us", 0.8, 0.02, 6, "per wave: the first operands arrive"},
    {"feed", 30, 1, 2000, "tile edge at which feeding operands costs as much as the arithmetic"},
    {"ramp", 1.5, 0.5, 20, "share of the bandwidth that one core can draw, in units of its fair share"},
    {"l2", 0.8, 0.2, 3, "of the L2's bandwidth, reached; above 1 where cores share what they read"},
    {"drain", 0.3, 0.01, 1.5, "part of writing the result that no arithmetic hides"},
    {"prepare", 1, 0.05, 10, "of quantising activations first, in units of reading and writing them once"},
    {"overlap", 0.1, 0.005, 1,
     "of the shorter flows' time, that the longest does not hide; of matrix engines"},
};

struct Tile {
  double m;
  double n;
};

// What libraries have kernels for: products of matrix engines, of vector units, and of these in convolutions.
constexpr Tile kMatrixTiles[] = {{16, 64},  {16, 128}, {16, 256}, {32, 32},   {32, 64},   {32, 128},
                                 {32, 256}, {64, 16},  {64, 32},  {64, 64},   {64, 128},  {64, 256},
                                 {128, 16}, {128, 32}, {128, 64}, {128, 128}, {128, 256}, {256, 16},
                                 {256, 32}, {256, 64}, {256, 128}};
constexpr Tile kVectorTiles[] = {{32, 32}, {32, 64},  {64, 32},  {32, 128}, {128, 32},
                                 {64, 64}, {64, 128}, {128, 64}, {128, 128}};
constexpr Tile kGatheringTiles[] = {{128, 32}, {128, 64}, {128, 128}};
constexpr double kSplits[] = {1, 2, 3, 4, 6, 8, 12, 16, 32};

constexpr GemmFormat kFormats[] = {
    {"bfloat16", 2, 2, 2, "bf16", false},
    {"bf16", 2, 2, 2, "bf16", false},
    {"float16", 2, 2, 2, "f16", false},
    {"fp16", 2, 2, 2, "f16", false},
    {"f16", 2, 2, 2, "f16", false},
    {"fp32", 4, 4, 4, "f32", false},
    {"f32", 4, 4, 4, "f32", false},
    {"tf32", 4, 4, 4, "tf32", false},
    {"fp8", 1, 1, 2, "f8", true},
    {"fp8_block", 1, 1, 2, "f8", true},
    {"fp8_static", 1, 1, 2, "f8", true},
    {"fp8_ootb", 1, 1, 2, "f8", true},
    {"nvfp4", 0.5625, 0.5625, 2, "f4", true},
    {"int8_wo", 2, 1, 2, "bf16", false},
    {"int4_wo", 2, 0.5625, 2, "bf16", false},
    {"sq", 1, 1, 2, "i8", true},
    {"int8", 1, 1, 4, "i8", false},
    {"i8", 1, 1, 4, "i8", false},
    {"int8_kept", 1, 1, 1, "i8", false},  // the result is scaled back at once
    {"fp64", 8, 8, 8, "f64", false},
};

// Bytes from memory: of two loop orders the better. A band of tiles in flight shares one operand; the other
// is read anew for each band unless it stays in L2.
double traffic(const Chip& chip, double a, double b, double c, double rows, double columns, Tile tile) {
  const double in_flight = std::min(chip.cores, rows * columns);
  const double band_rows = std::clamp(std::floor(std::sqrt(in_flight * tile.n / tile.m)), 1.0, rows);
  const double band_columns = std::min(std::ceil(in_flight / band_rows), columns);
  if (a + b <= 0.7 * chip.l2_bytes) return a + b + c;
  const double b_again = b <= 0.6 * chip.l2_bytes ? 1 : std::ceil(rows / band_rows);
  const double a_again = a <= 0.6 * chip.l2_bytes ? 1 : std::ceil(columns / band_columns);
  return std::min(a + b * b_again, b + a * a_again) + c;
}

}  // namespace

const Family kGemmFamily{"gemm", kParameters};

const GemmFormat* gemm_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &GemmFormat::name);
  return found == std::end(kFormats) ? nullptr : found;
}

Estimate predict_gemm(const Chip& chip, std::span<const double> p, const Gemm& gemm) {
  const GemmFormat& format = *gemm.format;
  const double a = gemm.m * gemm.k * format.a_bytes * gemm.a_share;
  const double b = gemm.k * gemm.n * format.b_bytes;
  const double c = gemm.m * gemm.n * format.c_bytes;
  const bool by_matrix = format.engine != "f32" && format.engine != "f64" && !chip.matrix.empty();
  const bool whole_k = gemm.gathered && !by_matrix;
  const std::span<const Tile> tiles = by_matrix ? std::span<const Tile>(kMatrixTiles)
                                      : whole_k ? std::span<const Tile>(kGatheringTiles)
                                                : kVectorTiles;
  const Tile largest = tiles.back();
  const double k_step = by_matrix ? 64 : 16;
  const double core_rate =
      (by_matrix ? chip.product_rate(format.engine) : chip.vector_rate(format.engine)) / chip.cores;
  const double full_feed = 1 + p[kFeed] * (1 / 128.0 + 1 / (by_matrix ? 256.0 : 128.0));

  Estimate best;
  best.seconds = std::numeric_limits<double>::infinity();
  for (const Tile tile : tiles) {
    const double rows = std::ceil(gemm.m / tile.m);
    const double columns = std::ceil(gemm.n / tile.n);
    const double rate = core_rate * p[kArithmetic] * full_feed / (1 + p[kFeed] * (1 / tile.m + 1 / tile.n));
    const double memory_bytes = gemm.batch * traffic(chip, a, b, c, rows, columns, tile);
    for (const double split : kSplits) {
      const double k = std::ceil(std::ceil(gemm.k / split) / k_step) * k_step;
      if (split > 1 && (whole_k || k * (split - 1) >= gemm.k)) break;
      const double count = rows * columns * split * gemm.batch;
      // A core of a vector engine works on several small tiles at once, so that its last wave is not whole.
      const double whole = std::ceil(count / chip.cores);
      const double waves = by_matrix ? whole : std::max(1.0, (whole + count / chip.cores) / 2);
      const double drawn = std::min(1.0, std::min(count, chip.cores) / chip.cores * p[kRamp]);
      const double cache_bytes =
          (std::min(tile.m, gemm.m) * format.a_bytes + std::min(tile.n, gemm.n) * format.b_bytes) * k *
              count +
          gemm.batch * ((split > 1 ? gemm.m * gemm.n * 8 * split : 0) + c);
      Longest flow;
      flow.add(waves * 2 * tile.m * tile.n * k / rate, Limit::Compute);
      flow.add(memory_bytes / (chip.dram_bytes_per_s * p[kBandwidth] * drawn), Limit::Memory);
      flow.add(cache_bytes / (chip.l2_bytes_per_s * p[kL2] * drawn), Limit::Cache);
      const double all = flow.sum;
      flow.add(waves * 2 * largest.m * largest.n * k / core_rate * p[kStep], Limit::Latency);
      // The several tiles of a core of a vector engine hide each other's flows.
      if (by_matrix) flow.seconds += p[kOverlap] * std::max(0.0, all - flow.seconds);
      const double fixed = p[kLaunch] * 1e-6 + p[kFill] * 1e-6 * (by_matrix ? whole : 1) +
                           (split > 1 ? p[kSplitLatency] * 1e-6 : 0);
      const double out = p[kDrain] * gemm.batch * c / (chip.dram_bytes_per_s * p[kBandwidth]);
      const double total = fixed + flow.seconds + out;
      if (total >= best.seconds) continue;
      best.seconds = total;
      best.limit = fixed > flow.seconds + out ? Limit::Launch : flow.limit;
    }
  }
  if (format.prepares) best.seconds += p[kPrepare] * gemm.batch * gemm.m * gemm.k * 3 / chip.dram_bytes_per_s;
  best.operations = 2 * gemm.batch * gemm.m * gemm.n * gemm.k;
  best.bytes = gemm.batch * (a + b + c);
  return best;
}

}  // namespace atlas

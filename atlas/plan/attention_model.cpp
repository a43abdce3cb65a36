// Prefill computes whole tiles of 128 x 128 scores below the diagonal (Dao, FlashAttention-2, 2023); decoding
// streams the cache, cut into chunks so that all cores have work (Flash-Decoding, Dao et al., 2023).
#include "atlas/plan/attention_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace atlas {
namespace {

constexpr double kTile = 128;

enum : std::size_t {
  kLaunch,
  kArithmetic,
  kExponentials,
  kPrepare,
  kFill,
  kBandwidth,
  kWindowFill,
  kShortFill,
  kTail
};

constexpr ModelConstant kPrefillParameters[] = {
    {"launch_us", 8, 1, 60, "of all kernels of the operator"},
    {"arithmetic", 0.7, 0.2, 1.2, "of the rate at the sustained clock"},
    {"exponentials", 0.5, 0.02, 3, "part of the exponentials that the products do not hide"},
    {"prepare", 1, 0.1, 4,
     "of adding positions to queries and keys, in units of reading and writing them once"},
    {"fill_us", 2, 0.1, 15, "per tile of queries: the first operands arrive, the result leaves"},
    {"bandwidth", 0.8, 0.3, 1, "of the memory's bandwidth, reached"},
    {"window_fill_us", 2, 0.05, 40, "per tile of queries, added under a sliding window"},
    {"short_fill", 0.3, 0.02, 1, "of fill_us that even a tile of few queries costs"},
    {"tail", 0.2, 0.01, 1, "of the longest unit's time, that cores wait for it in the end"},
};

enum : std::size_t {
  dPack,
  dSingle,
  dPacked,
  dWindow,
  dLaunch,
  dSingleBandwidth,
  dPackedBandwidth,
  dRamp,
  dReduce,
  dVector,
  dOutput,
  dL2,
  dChunk
};

constexpr ModelConstant kDecodeParameters[] = {
    {"pack", 30, 4, 60, "most query heads per key head that one kernel takes together"},
    {"single_us", 2, 0.05, 15, "per wave of units of one query head"},
    {"packed_us", 2, 0.05, 15, "per wave of units of several query heads"},
    {"window_us", 2, 0.05, 60, "added where a sliding window cuts the keys"},
    {"launch_us", 6, 0.5, 60, "of all kernels of the operator"},
    {"single_bandwidth", 0.85, 0.3, 2,
     "of the memory's bandwidth; above 1 where the measured cache was shared"},
    {"packed_bandwidth", 1.2, 0.3, 2, "the same for several query heads together"},
    {"ramp", 1.5, 0.2, 10, "share of the bandwidth that one unit can draw, in units of a core's fair share"},
    {"reduce_us", 1.5, 0.05, 10, "added where keys are split: the parts meet"},
    {"vector", 0.3, 0.01, 3, "of the vector rate in f32, by heads that no kernel takes together"},
    {"output", 1, 0.1, 20,
     "bytes of queries and results through L2, in units of reading and writing them once"},
    {"l2", 0.7, 0.2, 3, "of the L2's bandwidth, reached"},
    {"chunk_us", 0.02, 0.001, 1, "per 64 keys that a unit walks through"},
};

constexpr double kSplits[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

// Tiles of scores of one head that a causal, windowed mask leaves. A row of tiles sees at most `most`.
double score_tiles(double rows, double most) {
  if (rows <= most) return rows * (rows + 1) / 2;
  return most * (most + 1) / 2 + (rows - most) * most;
}

}  // namespace

const Family kPrefillFamily{"attention_prefill", kPrefillParameters};
const Family kDecodeFamily{"attention_decode", kDecodeParameters};

Estimate predict_prefill(const Chip& chip, std::span<const double> p, const Attention& at) {
  const double span = at.window > 0 ? std::min(at.window, at.queries) : at.queries;
  const double rows = std::ceil(at.queries / kTile);
  const double most = at.window > 0 && at.queries > span ? std::ceil(span / kTile) + 1 : rows;
  const double tiles = at.causal ? score_tiles(rows, most) : rows * rows;
  const double edge =
      std::min(kTile, std::ceil(at.queries / 16) * 16);  // of a tile when there are few queries
  const double rate = chip.product_rate(at.compute_bytes < 2 ? "f8" : "bf16") / chip.cores;
  const double per_tile =
      edge * edge *
      (4 * at.head_dim / (rate * p[kArithmetic]) + p[kExponentials] / (chip.exponentials_per_s / chip.cores));
  const double fill = 1e-6 * (p[kFill] * (p[kShortFill] + (1 - p[kShortFill]) * edge / kTile) +
                              (at.window > 0 && at.queries > span ? p[kWindowFill] : 0));
  const double heads = at.batch * at.heads;
  const double tokens = at.batch * at.queries;
  const double states = tokens * (at.heads + 2 * at.kv_heads) * at.head_dim;
  const double once =
      tokens * at.head_dim * (at.heads * 2 * at.compute_bytes + 2 * at.kv_heads * at.cache_bytes);

  const double spread = heads * (tiles * per_tile + fill * rows / 2) / chip.cores;
  const double longest = std::min(rows, most) * per_tile + fill;  // one unit cannot be spread
  const double products = std::max(spread, longest) + p[kTail] * std::min(spread, longest);
  const double memory = (states * 4 * p[kPrepare] + once) / (chip.dram_bytes_per_s * p[kBandwidth]);
  const double launch = p[kLaunch] * 1e-6;

  Estimate out;
  out.seconds = launch + products + memory;
  if (launch > products + memory)
    out.limit = Limit::Launch;
  else if (memory > products)
    out.limit = Limit::Memory;
  else
    out.limit = spread >= longest ? Limit::Compute : Limit::Latency;
  double keys = at.queries * at.queries;  // pairs of query and key
  if (at.causal)
    keys = at.window > 0 && at.queries > span ? span * (span + 1) / 2 + (at.queries - span) * span
                                              : at.queries * (at.queries + 1) / 2;
  out.operations = 4 * heads * keys * at.head_dim;
  out.bytes = once;
  return out;
}

Estimate predict_decode(const Chip& chip, std::span<const double> p, const Attention& at) {
  const double past = at.past + 1;
  const bool cut = at.window > 0 && past > at.window;
  const double keys = cut ? at.window : past;
  const double whole_keys = std::ceil(keys / 16) * 16;
  const double group = at.heads / at.kv_heads;
  const bool alone = group > p[dPack];  // then each query head reads the keys by itself
  const bool packed = group > 1 && !alone;
  const double readers = at.batch * (alone ? at.heads : at.kv_heads);
  const double cache = at.batch * at.kv_heads * keys * at.head_dim * 2 * at.cache_bytes;
  const double bandwidth = chip.dram_bytes_per_s * p[packed ? dPackedBandwidth : dSingleBandwidth];
  const double queries = at.batch * at.heads * at.head_dim;
  const double arithmetic = 4 * at.batch * at.heads * whole_keys * at.head_dim;
  const double fixed = 1e-6 * (p[dLaunch] + (cut ? p[dWindow] : 0));

  Estimate best;
  best.seconds = std::numeric_limits<double>::infinity();
  for (const double split : kSplits) {
    const double chunk = whole_keys / split;
    if (split > 1 && chunk < 32) break;
    const double units = readers * split;
    const double drawn = std::min(1.0, units / chip.cores * p[dRamp]);
    const double through_l2 = readers * keys * at.head_dim * 2 * at.cache_bytes + queries * 4 * p[dOutput] +
                              (split > 1 ? queries * 8 * split : 0);
    const double per_wave = 1e-6 * (p[packed ? dPacked : dSingle] + chunk / 64 * p[dChunk]);
    Longest flow;
    // A unit of several query heads has a core to itself; of single ones a core interleaves two.
    const double waves = packed ? std::ceil(units / chip.cores) : std::max(1.0, units / (2 * chip.cores));
    flow.add(per_wave * waves, Limit::Latency);
    flow.add(cache / (bandwidth * drawn), Limit::Memory);
    flow.add(through_l2 / (chip.l2_bytes_per_s * p[dL2] * drawn), Limit::Cache);
    if (alone)
      flow.add(arithmetic / (chip.vector_rate("f32") * p[dVector] * std::min(1.0, units / chip.cores)),
               Limit::Compute);
    const double extra = fixed + (split > 1 ? p[dReduce] * 1e-6 : 0);
    if (extra + flow.seconds >= best.seconds) continue;
    best.seconds = extra + flow.seconds;
    best.limit = extra > flow.seconds ? Limit::Launch : flow.limit;
  }
  best.operations = 4 * at.batch * at.heads * keys * at.head_dim;
  best.bytes = cache + queries * 4;
  return best;
}

}  // namespace atlas

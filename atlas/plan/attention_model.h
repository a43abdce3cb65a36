// Time of attention on one chip: prefill by tiles of queries, decode by splits of the keys.
#pragma once

#include <span>

#include "atlas/plan/chip.h"
#include "atlas/plan/constants.h"
#include "atlas/plan/estimate.h"

namespace atlas {

/// Attention of `batch` sequences, as a serving framework runs it: positions and cache writes included.
struct Attention {
  double batch = 1;
  double queries = 1;  // new tokens of each sequence; 1 when decoding
  double past = 0;     // tokens in the cache before them
  double heads = 1;
  double kv_heads = 1;
  double head_dim = 128;
  double window = 0;         // keys that a query sees at most; 0: all
  double compute_bytes = 2;  // of an element in the products: 2 (16 bits), 1 (8 bits)
  double cache_bytes = 2;    // of an element in the cache
  bool causal = true;        // a query sees no key behind its own
};

extern const Family kPrefillFamily;
extern const Family kDecodeFamily;

/// All queries at once, nothing in the cache before them.
Estimate predict_prefill(const Chip& chip, std::span<const double> constants, const Attention& attention);

/// One query per sequence.
Estimate predict_decode(const Chip& chip, std::span<const double> constants, const Attention& attention);

}  // namespace atlas

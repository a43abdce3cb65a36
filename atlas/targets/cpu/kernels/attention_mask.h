// Which keys a query sees, and what is added to their scores.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace atlas::cpu {

/// The mask of one query.
struct MaskedRow {
  size_t end;           // keys from here on do not count
  const float* added;   // to the scores of the keys before, or null
  const uint8_t* kept;  // where 0, the key does not count either; or null
};

/// At most one of `added` and `kept` is not null.
struct AttentionMask {
  const float* added = nullptr;  // [batch, heads, queries, width] by the steps below
  const uint8_t* kept = nullptr;
  size_t width = std::numeric_limits<size_t>::max();  // keys beyond do not count
  size_t batch_step = 0, head_step = 0, query_step = 0;
  const int64_t* valid = nullptr;  // keys of each image that count, or null: all
  bool causal = false;             // query i sees the keys up to past + i
  size_t past = 0;

  /// How many keys query i of image b may see at most.
  size_t end(size_t b, size_t i, size_t keys) const {
    size_t end = std::min(keys, width);
    if (valid != nullptr) end = std::min(end, static_cast<size_t>(std::max<int64_t>(0, valid[b])));
    return causal ? std::min(end, past + i + 1) : end;
  }

  MaskedRow row(size_t b, size_t h, size_t i, size_t keys) const {
    const size_t at = b * batch_step + h * head_step + i * query_step;
    return {end(b, i, keys), added ? added + at : nullptr, kept ? kept + at : nullptr};
  }
};

}  // namespace atlas::cpu

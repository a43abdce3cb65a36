// The merging of neighbouring symbols, best pair first, that byte-pair encodings share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "atlas/pipeline/text/aligned_text.h"
#include "atlas/pipeline/text/vocabulary.h"

namespace atlas {

/// Part of a word while it is merged. `id` may be kNone.
struct BpeSymbol {
  TokenId id = Vocabulary::kNone;
  TextSpan span;
  bool fixed = false;  // is never merged
};

/// What two neighbours become. The least rank is merged first.
template <typename Rank>
struct BpeMerge {
  Rank rank;
  TokenId id;
};

/// Long words: a heap of candidates over a linked list.
template <typename Rank, typename Find>
void merge_by_heap(std::vector<BpeSymbol>& symbols, Find& find) {
  struct Candidate {
    Rank rank;
    std::uint32_t left, size;  // bytes of the pair: a candidate whose parts have changed is stale
    TokenId id;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  constexpr std::uint32_t kEnd = ~std::uint32_t{0};
  const auto count = static_cast<std::uint32_t>(symbols.size());
  std::vector<std::uint32_t> next(count), previous(count);
  std::vector<bool> gone(count);
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap;
  const auto offer = [&](std::uint32_t left, std::uint32_t right) {
    if (left == kEnd || right == kEnd) return;
    if (const std::optional<BpeMerge<Rank>> merge = find(symbols[left], symbols[right]))
      heap.push({merge->rank, left, symbols[left].span.size() + symbols[right].span.size(), merge->id});
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    next[i] = i + 1 < count ? i + 1 : kEnd;
    previous[i] = i > 0 ? i - 1 : kEnd;
    if (i > 0) offer(i - 1, i);
  }
  while (!heap.empty()) {
    const Candidate best = heap.top();
    heap.pop();
    const std::uint32_t left = best.left, right = next[left];
    if (gone[left] || right == kEnd || symbols[left].span.size() + symbols[right].span.size() != best.size)
      continue;
    symbols[left].id = best.id;
    symbols[left].span.end = symbols[right].span.end;
    gone[right] = true;
    next[left] = next[right];
    if (next[right] != kEnd) previous[next[right]] = left;
    offer(previous[left], left);
    offer(left, next[left]);
  }
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < count; i = next[i]) symbols[kept++] = symbols[i];
  symbols.resize(kept);
}

/// Short words: a scan for the least rank each time.
template <typename Rank, typename Find>
void merge_by_scan(std::vector<BpeSymbol>& symbols, Find& find) {
  constexpr std::size_t kMost = 64;
  std::optional<BpeMerge<Rank>> merges[kMost];  // of symbol i and i + 1
  std::size_t count = symbols.size();
  for (std::size_t i = 0; i + 1 < count; ++i) merges[i] = find(symbols[i], symbols[i + 1]);
  while (count > 1) {
    std::size_t best = count;
    for (std::size_t i = 0; i + 1 < count; ++i)
      if (merges[i] && (best == count || merges[i]->rank < merges[best]->rank)) best = i;
    if (best == count) break;
    symbols[best].id = merges[best]->id;
    symbols[best].span.end = symbols[best + 1].span.end;
    --count;
    for (std::size_t i = best + 1; i < count; ++i) {
      symbols[i] = symbols[i + 1];
      if (i + 1 < count) merges[i] = merges[i + 1];
    }
    if (best > 0) merges[best - 1] = find(symbols[best - 1], symbols[best]);
    if (best + 1 < count) merges[best] = find(symbols[best], symbols[best + 1]);
  }
  symbols.resize(count);
}

/// Merges until no pair can be. `find(left, right)` returns std::optional<BpeMerge<Rank>>; of equal ranks the
/// leftmost pair goes first.
template <typename Rank, typename Find>
void merge_symbols(std::vector<BpeSymbol>& symbols, Find find) {
  if (symbols.size() <= 64) {
    merge_by_scan<Rank>(symbols, find);
  } else {
    merge_by_heap<Rank>(symbols, find);
  }
}

}  // namespace atlas

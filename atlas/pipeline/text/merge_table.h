// What pairs of neighbouring tokens merge into.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "atlas/pipeline/text/bpe_merge.h"

namespace atlas {

/// An open hash table of as many pairs as it is made for.
template <typename Rank>
class MergeTable {
 public:
  explicit MergeTable(std::size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

  /// A pair given twice counts where it comes last, as in the reference.
  void set(TokenId left, TokenId right, BpeMerge<Rank> merge) {
    Slot& slot = slots_[place_of(key_of(left, right))];
    slot = {key_of(left, right), merge};
  }

  std::optional<BpeMerge<Rank>> find(TokenId left, TokenId right) const {
    const Slot& slot = slots_[place_of(key_of(left, right))];
    if (slot.key == kFree) return std::nullopt;
    return slot.merge;
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t key = kFree;
    BpeMerge<Rank> merge{};
  };

  static std::uint64_t key_of(TokenId left, TokenId right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
           static_cast<std::uint32_t>(right);
  }

  std::size_t place_of(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (key * 0x9E3779B97F4A7C15u) >> 32 & mask;
    while (slots_[at].key != kFree && slots_[at].key != key) at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots_;
};

}  // namespace atlas

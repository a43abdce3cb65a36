// A set of strings that finds those which a text starts with.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace atlas {

/// Each string has a number. Immutable once built.
class PrefixTrie {
 public:
  using Entry = std::pair<std::string_view, std::int32_t>;
  static constexpr std::int32_t kNone = -1;

  PrefixTrie() : PrefixTrie(std::vector<Entry>{}) {}
  /// Empty strings are left out; of equal ones the last counts. Numbers are at least 0.
  explicit PrefixTrie(std::vector<Entry> entries);

  bool empty() const { return nodes_.size() == 1; }

  /// Calls `found(length, number)` for each string that `text` starts with, shortest first.
  template <typename Found>
  void each_prefix(std::string_view text, Found found) const {
    std::uint32_t node = 0;
    for (std::size_t length = 0; length < text.size();) {
      node = child(node, static_cast<unsigned char>(text[length]));
      if (node == 0) return;
      ++length;
      if (nodes_[node].number != kNone) found(length, nodes_[node].number);
    }
  }

  /// Length and number of the longest string that `text` starts with; length 0 where there is none.
  std::pair<std::size_t, std::int32_t> longest_prefix(std::string_view text) const {
    std::pair<std::size_t, std::int32_t> best{0, kNone};
    each_prefix(text, [&](std::size_t length, std::int32_t number) { best = {length, number}; });
    return best;
  }

  /// The string's number, or kNone.
  std::int32_t find(std::string_view text) const;

 private:
  struct Node {
    std::uint32_t children = 0;  // the first of them; all stand in one row, by byte
    std::uint16_t count = 0;
    std::uint8_t byte = 0;
    std::int32_t number = kNone;
  };

  /// 0 where there is none: the root is nobody's child.
  std::uint32_t child(std::uint32_t node, unsigned char byte) const {
    if (node == 0) return first_[byte];
    std::uint32_t low = nodes_[node].children, count = nodes_[node].count;
    while (count > 4) {
      const std::uint32_t half = count / 2;
      if (nodes_[low + half].byte <= byte) low += half;
      count -= half;
    }
    for (const std::uint32_t end = low + count; low < end; ++low)
      if (nodes_[low].byte == byte) return low;
    return 0;
  }

  std::vector<Node> nodes_;
  std::array<std::uint32_t, 256> first_{};  // the root's children by byte
};

}  // namespace atlas

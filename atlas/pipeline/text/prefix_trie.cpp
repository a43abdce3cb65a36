// Built level by level out of sorted strings, so that the children of a node are neighbours.
#include "atlas/pipeline/text/prefix_trie.h"

#include <algorithm>

namespace atlas {
namespace {

/// Sorted entries [begin, end) share their first `depth` bytes, which lead to `node`.
struct Group {
  std::uint32_t node;
  std::size_t begin, end, depth;
};

}  // namespace

PrefixTrie::PrefixTrie(std::vector<Entry> entries) {
  std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return entry.first; });
  nodes_.emplace_back();
  std::vector<Group> level{{0, 0, entries.size(), 0}};
  while (!level.empty()) {
    std::vector<Group> next;
    for (Group group : level) {
      for (; group.begin < group.end && entries[group.begin].first.size() == group.depth; ++group.begin)
        if (group.depth > 0) nodes_[group.node].number = entries[group.begin].second;
      nodes_[group.node].children = static_cast<std::uint32_t>(nodes_.size());
      for (std::size_t begin = group.begin, end; begin < group.end; begin = end) {
        const char byte = entries[begin].first[group.depth];
        for (end = begin; end < group.end && entries[end].first[group.depth] == byte; ++end) {
        }
        const auto node = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back({.byte = static_cast<std::uint8_t>(byte)});
        ++nodes_[group.node].count;
        if (group.node == 0) first_[static_cast<std::uint8_t>(byte)] = node;
        next.push_back({node, begin, end, group.depth + 1});
      }
    }
    level = std::move(next);
  }
}

std::int32_t PrefixTrie::find(std::string_view text) const {
  const auto [length, number] = longest_prefix(text);
  return length == text.size() ? number : kNone;
}

}  // namespace atlas

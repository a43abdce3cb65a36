// SentencePiece's compiled table of replacements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atlas {

/// A double-array trie of what is replaced and the texts that replace it.
class Charsmap {
 public:
  /// Throws InvalidArgument where `blob` is none, ResourceExhausted where it is larger than 16 MiB.
  explicit Charsmap(std::string_view blob);

  struct Match {
    std::size_t length = 0;  // bytes that are replaced
    std::string_view by;
  };
  /// The shortest, or longest, part of the start of `text` that is replaced.
  std::optional<Match> shortest(std::string_view text) const { return match(text, true); }
  std::optional<Match> longest(std::string_view text) const { return match(text, false); }

 private:
  std::optional<Match> match(std::string_view text, bool shortest) const;

  std::vector<std::uint32_t> units_;
  std::string texts_;  // each ends with a zero byte
};

}  // namespace atlas

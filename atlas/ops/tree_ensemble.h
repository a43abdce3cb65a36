// Decision trees laid out in arrays, and their walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace atlas {

enum class SplitMode : std::uint8_t {
  LessOrEqual,
  Less,
  GreaterOrEqual,
  Greater,
  Equal,
  NotEqual,
  Member,
};

enum class Aggregate : std::uint8_t { Average, Sum, Min, Max };

/// Where a branch leads: a split or a leaf, by its index.
struct Branch {
  std::uint32_t is_leaf : 1 = 0;
  std::uint32_t index : 31 = 0;
};

/// x[feature] compared with `threshold`, or found in a set; NaN goes the way of the comparison unless
/// `missing_is_true`. Small, since a walk meets many of them.
struct Split {
  double threshold = 0;
  std::uint32_t feature = 0;
  std::uint32_t members = 0;  // of SplitMode::Member: the set, by its index
  Branch if_true;
  Branch if_false;
  SplitMode mode = SplitMode::LessOrEqual;
  bool missing_is_true = false;
};

/// What a leaf adds to one target.
struct Vote {
  std::size_t target = 0;
  double weight = 0;
};

/// A target's score; `is_set` where a leaf voted for it.
struct Score {
  double value = 0;
  bool is_set = false;
};

struct TreeEnsemble {
  std::vector<Split> splits;
  std::vector<std::vector<double>> member_sets;  // each sorted
  std::vector<std::vector<Vote>> leaves;
  std::vector<Branch> roots;
  std::size_t targets = 1;

  /// Throws InvalidArgument, the message opening with `where`, unless there is a root, all indices lie
  /// inside, and no path from a root meets a split twice (so that every walk ends).
  void check(const std::string& where) const;
  /// Features that a row must have: one more than the largest that a split looks at.
  std::size_t features() const;

  /// Votes of the leaves that `row` reaches, by target, into `out`, which holds one for each. `single`: each
  /// sum is rounded to f32, as ONNX Runtime does for inputs other than f64, so that scores next to a class
  /// boundary fall on the same side.
  void score(const double* row, Aggregate aggregate, bool single, std::span<Score> out) const;
};

}  // namespace atlas

// Decision trees laid out in arrays, and their walk.
#pragma once

#include <cstdint>
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
  bool is_leaf = false;
  std::size_t index = 0;
};

/// x[feature] compared with `threshold`, or found in `members` (sorted); NaN goes the way of the comparison
/// unless `missing_is_true`.
struct Split {
  SplitMode mode = SplitMode::LessOrEqual;
  std::size_t feature = 0;
  double threshold = 0;
  std::vector<double> members;
  bool missing_is_true = false;
  Branch if_true;
  Branch if_false;
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
  std::vector<std::vector<Vote>> leaves;
  std::vector<Branch> roots;
  std::size_t targets = 1;

  /// Throws InvalidArgument, the message opening with `where`, unless all indices lie inside, features below
  /// `features`, and no path from a root meets a split twice (so that every walk ends).
  void check(const std::string& where, std::size_t features) const;

  /// Votes of the leaves that `row` reaches, by target. `single`: each sum is rounded to f32, as ONNX Runtime
  /// does for inputs other than f64, so that scores next to a class boundary fall on the same side.
  std::vector<Score> score(const double* row, Aggregate aggregate, bool single) const;
};

}  // namespace atlas

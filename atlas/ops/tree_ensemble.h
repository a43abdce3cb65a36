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

/// A split or a leaf for a walk that asks no questions: x goes to next[1] where it is not above the
/// threshold, and from a leaf back to it.
struct Step {
  double threshold;
  std::uint32_t feature;
  std::uint32_t missing;  // 1: NaN goes to next[1]
  std::uint32_t next[2];
};

struct TreeEnsemble {
  std::vector<Split> splits;
  std::vector<std::vector<double>> member_sets;  // each sorted
  std::vector<std::vector<Vote>> leaves;
  std::vector<Branch> roots;
  std::size_t targets = 1;
  std::vector<Step> steps;         // of splits, then of leaves; empty where some splits compare in other ways
  std::vector<std::size_t> depth;  // splits on the longest way down from each root

  /// Throws InvalidArgument, the message opening with `where`, unless there is a root, all indices lie
  /// inside, and no path from a root meets a split twice (so that every walk ends); then makes the steps.
  void prepare(const std::string& where);
  /// Features that a row must have: one more than the largest that a split looks at.
  std::size_t features() const;

  /// Votes of the leaves that each of `count` rows reaches, `stride` numbers from one to the next, into
  /// `out`: a score for each target of the first row, then of the second, ... `single`: each sum is rounded
  /// to f32, as ONNX Runtime does for inputs other than f64, so that scores next to a class boundary fall on
  /// the same side.
  void score(const double* rows, std::size_t count, std::size_t stride, Aggregate aggregate, bool single,
             std::span<Score> out) const;

 private:
  static constexpr std::size_t kTogether = 8;  // walks that go on at once, for each waits for memory

  void make_steps();
  /// The leaf that a row reaches.
  std::uint32_t walk(Branch at, const double* row) const;
  /// The same for several rows by steps.
  void walk_steps(std::size_t tree, const double* rows, std::size_t walks, std::size_t stride,
                  std::uint32_t* reached) const;
};

}  // namespace atlas

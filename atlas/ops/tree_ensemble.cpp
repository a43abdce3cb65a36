// Checks and walks of tree ensembles.
#include "atlas/ops/tree_ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "atlas/base/error.h"

namespace atlas {
namespace {

bool goes_true(const TreeEnsemble& trees, const Split& split, double x) {
  if (split.missing_is_true && std::isnan(x)) return true;
  switch (split.mode) {
    case SplitMode::LessOrEqual:
      return x <= split.threshold;
    case SplitMode::Less:
      return x < split.threshold;
    case SplitMode::GreaterOrEqual:
      return x >= split.threshold;
    case SplitMode::Greater:
      return x > split.threshold;
    case SplitMode::Equal:
      return x == split.threshold;
    case SplitMode::NotEqual:
      return x != split.threshold;
    case SplitMode::Member:
      return !std::isnan(x) && std::ranges::binary_search(trees.member_sets[split.members], x);
  }
  return false;
}

}  // namespace

void TreeEnsemble::prepare(const std::string& where) {
  require(!roots.empty(), "{}: expected a tree, got none", where);
  for (const std::vector<Vote>& leaf : leaves)
    for (const Vote& vote : leaf)
      require(vote.target < targets, "{}: a leaf votes for target {} of {}", where, vote.target, targets);

  // Depth first with its own stack: 1 marks splits on the path, 2 those whose subtree is done.
  std::vector<char> state(splits.size());
  std::vector<std::size_t> path;
  const auto enter = [&](const Branch& branch) {
    const std::uint32_t index = branch.index;
    require(index < (branch.is_leaf ? leaves.size() : splits.size()),
            "{}: a branch leads to {} {}, which is not there", where, branch.is_leaf ? "leaf" : "node",
            index);
    if (branch.is_leaf || state[branch.index] == 2) return;
    require(state[branch.index] == 0, "{}: node {} lies below itself", where, branch.index);
    path.push_back(branch.index);
  };
  std::vector<std::size_t> height(splits.size());  // splits on the longest way down
  const auto height_of = [&](Branch branch) { return branch.is_leaf ? 0 : height[branch.index]; };
  for (const Branch& root : roots) {
    enter(root);
    while (!path.empty()) {
      const std::size_t at = path.back();
      if (state[at] != 0) {
        state[at] = 2;
        height[at] = 1 + std::max(height_of(splits[at].if_true), height_of(splits[at].if_false));
        path.pop_back();
        continue;
      }
      state[at] = 1;
      enter(splits[at].if_true);
      enter(splits[at].if_false);
    }
    depth.push_back(height_of(root));
  }
  make_steps();
}

void TreeEnsemble::make_steps() {
  const auto place = [&](Branch branch) {
    return static_cast<std::uint32_t>(branch.is_leaf ? splits.size() + branch.index : branch.index);
  };
  if (splits.size() + leaves.size() > std::numeric_limits<std::uint32_t>::max()) return;
  for (const Split& split : splits) {
    const bool less = split.mode == SplitMode::Less;
    if (!less && split.mode != SplitMode::LessOrEqual) return steps.clear();
    // Below a number is at most the one before it.
    const double threshold =
        less ? std::nextafter(split.threshold, -std::numeric_limits<double>::infinity()) : split.threshold;
    steps.push_back(
        {threshold, split.feature, split.missing_is_true, {place(split.if_false), place(split.if_true)}});
  }
  for (std::uint32_t leaf = 0; leaf < leaves.size(); ++leaf) {
    const std::uint32_t self = place({1, leaf});
    steps.push_back({0, 0, 0, {self, self}});
  }
}

std::size_t TreeEnsemble::features() const {
  std::size_t out = 0;
  for (const Split& split : splits) out = std::max<std::size_t>(out, split.feature + std::size_t{1});
  return out;
}

std::uint32_t TreeEnsemble::walk(Branch at, const double* row) const {
  while (!at.is_leaf) {
    const Split& split = splits[at.index];
    at = goes_true(*this, split, row[split.feature]) ? split.if_true : split.if_false;
  }
  return at.index;
}

void TreeEnsemble::walk_steps(std::size_t tree, const double* rows, std::size_t walks, std::size_t stride,
                              std::uint32_t* reached) const {
  const Branch root = roots[tree];
  const auto leaf_begin = static_cast<std::uint32_t>(splits.size());
  std::uint32_t at[kTogether];
  std::fill_n(at, kTogether, root.is_leaf ? leaf_begin + root.index : root.index);
  const auto go = [&](std::size_t i) {
    const Step& step = steps[at[i]];
    const double x = rows[i * stride + step.feature];
    at[i] = step.next[static_cast<std::uint32_t>(x <= step.threshold) |
                      (static_cast<std::uint32_t>(x != x) & step.missing)];
  };
  for (std::size_t level = 0; level < depth[tree]; ++level) {
    if (walks == kTogether)
      for (std::size_t i = 0; i < kTogether; ++i) go(i);
    else
      for (std::size_t i = 0; i < walks; ++i) go(i);
  }
  for (std::size_t i = 0; i < walks; ++i) reached[i] = at[i] - leaf_begin;
}

// Tree by tree, so that its splits stay in the cache for all rows; several walks at once, for each step waits
// for memory and for the one before.
void TreeEnsemble::score(const double* rows, std::size_t count, std::size_t stride, Aggregate aggregate,
                         bool single, std::span<Score> out) const {
  const auto rounded = [&](double value) { return single ? static_cast<float>(value) : value; };
  const auto add = [&](const Vote& vote, Score& score) {
    if (!score.is_set) {
      score = {vote.weight, true};
    } else if (aggregate == Aggregate::Min) {
      score.value = std::min(score.value, vote.weight);
    } else if (aggregate == Aggregate::Max) {
      score.value = std::max(score.value, vote.weight);
    } else {
      score.value = rounded(score.value + vote.weight);
    }
  };
  std::ranges::fill(out, Score());
  constexpr std::size_t kDeepest = 64;  // beyond it most walks end long before the longest
  for (std::size_t tree = 0; tree < roots.size(); ++tree) {
    const bool is_plain = !steps.empty() && depth[tree] <= kDeepest;
    for (std::size_t first = 0; first < count; first += kTogether) {
      const std::size_t walks = std::min(kTogether, count - first);
      std::uint32_t reached[kTogether];
      if (is_plain)
        walk_steps(tree, rows + first * stride, walks, stride, reached);
      else
        for (std::size_t i = 0; i < walks; ++i) reached[i] = walk(roots[tree], rows + (first + i) * stride);
      for (std::size_t i = 0; i < walks; ++i)
        for (const Vote& vote : leaves[reached[i]]) add(vote, out[(first + i) * targets + vote.target]);
    }
  }
  if (aggregate == Aggregate::Average)
    for (Score& score : out) score.value = rounded(score.value / static_cast<double>(roots.size()));
}

}  // namespace atlas

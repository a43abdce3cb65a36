// Checks and walks of tree ensembles.
#include "atlas/ops/tree_ensemble.h"

#include <algorithm>
#include <cmath>

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

void TreeEnsemble::check(const std::string& where) const {
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
  for (const Branch& root : roots) {
    enter(root);
    while (!path.empty()) {
      const std::size_t at = path.back();
      if (state[at] != 0) {
        state[at] = 2;
        path.pop_back();
        continue;
      }
      state[at] = 1;
      enter(splits[at].if_true);
      enter(splits[at].if_false);
    }
  }
}

std::size_t TreeEnsemble::features() const {
  std::size_t out = 0;
  for (const Split& split : splits) out = std::max<std::size_t>(out, split.feature + std::size_t{1});
  return out;
}

void TreeEnsemble::score(const double* row, Aggregate aggregate, bool single, std::span<Score> out) const {
  const auto rounded = [&](double value) { return single ? static_cast<float>(value) : value; };
  std::ranges::fill(out, Score());
  for (Branch at : roots) {
    while (!at.is_leaf) {
      const Split& split = splits[at.index];
      at = goes_true(*this, split, row[split.feature]) ? split.if_true : split.if_false;
    }
    for (const Vote& vote : leaves[at.index]) {
      Score& score = out[vote.target];
      if (!score.is_set) {
        score = {vote.weight, true};
      } else if (aggregate == Aggregate::Min) {
        score.value = std::min(score.value, vote.weight);
      } else if (aggregate == Aggregate::Max) {
        score.value = std::max(score.value, vote.weight);
      } else {
        score.value = rounded(score.value + vote.weight);
      }
    }
  }
  if (aggregate == Aggregate::Average)
    for (Score& score : out) score.value = rounded(score.value / static_cast<double>(roots.size()));
}

}  // namespace atlas

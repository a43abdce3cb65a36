// Checks and walks of tree ensembles.
#include "atlas/ops/tree_ensemble.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

bool goes_true(const Split& split, double x) {
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
      return !std::isnan(x) && std::binary_search(split.members.begin(), split.members.end(), x);
  }
  return false;
}

}  // namespace

void TreeEnsemble::check(const std::string& where, std::size_t features) const {
  for (const Split& split : splits)
    require(split.feature < features, "{}: a split looks at feature {} of {}", where, split.feature,
            features);
  for (const std::vector<Vote>& leaf : leaves)
    for (const Vote& vote : leaf)
      require(vote.target < targets, "{}: a leaf votes for target {} of {}", where, vote.target, targets);

  // Depth first with its own stack: 1 marks splits on the path, 2 those whose subtree is done.
  std::vector<char> state(splits.size());
  std::vector<std::size_t> path;
  const auto enter = [&](const Branch& branch) {
    require(branch.index < (branch.is_leaf ? leaves.size() : splits.size()),
            "{}: a branch leads to {} {}, which is not there", where, branch.is_leaf ? "leaf" : "node",
            branch.index);
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

std::vector<Score> TreeEnsemble::score(const double* row, Aggregate aggregate, bool single) const {
  const auto rounded = [&](double value) { return single ? static_cast<float>(value) : value; };
  std::vector<Score> out(targets);
  for (Branch at : roots) {
    while (!at.is_leaf) {
      const Split& split = splits[at.index];
      at = goes_true(split, row[split.feature]) ? split.if_true : split.if_false;
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
  return out;
}

}  // namespace atlas

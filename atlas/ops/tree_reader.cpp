// Reads and checks the arrays.
#include "atlas/ops/tree_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using Doubles = std::vector<double>;
using Ints = std::vector<std::int64_t>;

const Tensor* tensor_attribute(const NodeAttributes& node, const std::string& name) {
  const Attribute* attribute = node.attribute(name);
  return attribute == nullptr ? nullptr : std::get_if<Tensor>(attribute);
}

void check_length(const NodeAttributes& node, std::string_view name, std::size_t got, std::size_t expected) {
  node.check(got == expected, "expected {} entries in attribute '{}', got {}", expected, name, got);
}

// Indices have 31 bits (see Branch).
std::uint32_t as_index(const NodeAttributes& node, std::string_view name, std::int64_t value) {
  node.check(value >= 0 && value <= std::numeric_limits<std::int32_t>::max(), "attribute '{}' holds {}", name,
             value);
  return static_cast<std::uint32_t>(value);
}

// A bit-field holds what an index holds.
Branch branch_to(bool is_leaf, std::uint32_t index) {
  return {.is_leaf = is_leaf, .index = index & 0x7fffffffu};
}

SplitMode split_mode(const NodeAttributes& node, const std::string& name) {
  static const std::map<std::string_view, SplitMode> kModes = {
      {"BRANCH_LEQ", SplitMode::LessOrEqual},    {"BRANCH_LT", SplitMode::Less},
      {"BRANCH_GTE", SplitMode::GreaterOrEqual}, {"BRANCH_GT", SplitMode::Greater},
      {"BRANCH_EQ", SplitMode::Equal},           {"BRANCH_NEQ", SplitMode::NotEqual}};
  const auto found = kModes.find(name);
  node.check(found != kModes.end(), "attribute 'nodes_modes' holds '{}'", name);
  return found->second;
}

/// The members of each set, sorted; NaN stands between sets.
std::vector<Doubles> member_sets(const NodeAttributes& node) {
  std::vector<Doubles> out;
  const Tensor* values = tensor_attribute(node, "membership_values");
  if (values == nullptr) return out;
  bool is_open = false;
  for (const double value : to_doubles(*values)) {
    if (!is_open) out.emplace_back();
    is_open = !std::isnan(value);
    if (is_open) out.back().push_back(value);
  }
  for (Doubles& set : out) std::ranges::sort(set);
  return out;
}

}  // namespace

std::vector<double> number_list(const NodeAttributes& node, const std::string& name) {
  if (const Tensor* tensor = tensor_attribute(node, name + "_as_tensor")) return to_doubles(*tensor);
  const std::vector<float> reals = node.reals(name);
  return {reals.begin(), reals.end()};
}

TreeEnsemble read_named_trees(const NodeAttributes& node, const std::string& votes, std::size_t targets) {
  const Ints tree_ids = node.ints("nodes_treeids");
  const Ints node_ids = node.ints("nodes_nodeids");
  const Ints features = node.ints("nodes_featureids");
  const Ints true_ids = node.ints("nodes_truenodeids");
  const Ints false_ids = node.ints("nodes_falsenodeids");
  const Ints missing = node.ints("nodes_missing_value_tracks_true");
  const std::vector<std::string> modes = node.strings("nodes_modes");
  const Doubles thresholds = number_list(node, "nodes_values");
  const std::size_t count = tree_ids.size();
  as_index(node, "nodes_treeids", static_cast<std::int64_t>(count));
  check_length(node, "nodes_nodeids", node_ids.size(), count);
  check_length(node, "nodes_featureids", features.size(), count);
  check_length(node, "nodes_truenodeids", true_ids.size(), count);
  check_length(node, "nodes_falsenodeids", false_ids.size(), count);
  check_length(node, "nodes_modes", modes.size(), count);
  check_length(node, "nodes_values", thresholds.size(), count);
  if (!missing.empty()) check_length(node, "nodes_missing_value_tracks_true", missing.size(), count);

  TreeEnsemble out;
  out.targets = targets;
  std::map<std::pair<std::int64_t, std::int64_t>, Branch> places;
  std::set<std::int64_t> rooted;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_leaf = modes[i] == "LEAF";
    const Branch place =
        branch_to(is_leaf, static_cast<std::uint32_t>(is_leaf ? out.leaves.size() : out.splits.size()));
    node.check(places.try_emplace({tree_ids[i], node_ids[i]}, place).second,
               "node {} of tree {} is there twice", node_ids[i], tree_ids[i]);
    if (rooted.insert(tree_ids[i]).second) out.roots.push_back(place);
    if (is_leaf) {
      out.leaves.emplace_back();
    } else {
      out.splits.emplace_back();
    }
  }
  const auto place_of = [&](std::int64_t tree, std::int64_t id) {
    const auto found = places.find({tree, id});
    node.check(found != places.end(), "tree {} has no node {}", tree, id);
    return found->second;
  };
  for (std::size_t i = 0, at = 0; i < count; ++i) {
    if (modes[i] == "LEAF") continue;
    out.splits[at++] = {.threshold = thresholds[i],
                        .feature = as_index(node, "nodes_featureids", features[i]),
                        .if_true = place_of(tree_ids[i], true_ids[i]),
                        .if_false = place_of(tree_ids[i], false_ids[i]),
                        .mode = split_mode(node, modes[i]),
                        .missing_is_true = !missing.empty() && missing[i] != 0};
  }

  const Ints vote_trees = node.ints(votes + "_treeids");
  const Ints vote_nodes = node.ints(votes + "_nodeids");
  const Ints vote_targets = node.ints(votes + "_ids");
  const Doubles weights = number_list(node, votes + "_weights");
  check_length(node, votes + "_nodeids", vote_nodes.size(), vote_trees.size());
  check_length(node, votes + "_ids", vote_targets.size(), vote_trees.size());
  check_length(node, votes + "_weights", weights.size(), vote_trees.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Branch place = place_of(vote_trees[i], vote_nodes[i]);
    if (place.is_leaf)
      out.leaves[place.index].push_back({as_index(node, votes + "_ids", vote_targets[i]), weights[i]});
  }
  out.prepare(describe(node.node()));
  return out;
}

TreeEnsemble read_indexed_trees(const NodeAttributes& node, std::size_t targets) {
  const Ints features = node.ints("nodes_featureids");
  const Ints true_ids = node.ints("nodes_truenodeids");
  const Ints false_ids = node.ints("nodes_falsenodeids");
  const Ints true_leaves = node.ints("nodes_trueleafs");
  const Ints false_leaves = node.ints("nodes_falseleafs");
  const Ints missing = node.ints("nodes_missing_value_tracks_true");
  const Tensor* modes_tensor = tensor_attribute(node, "nodes_modes");
  const Tensor* splits_tensor = tensor_attribute(node, "nodes_splits");
  const Tensor* weights_tensor = tensor_attribute(node, "leaf_weights");
  node.check(modes_tensor && splits_tensor && weights_tensor,
             "expected tensors as attributes 'nodes_modes', 'nodes_splits' and 'leaf_weights'");
  const Ints modes = to_ints(*modes_tensor);
  const Doubles thresholds = to_doubles(*splits_tensor);
  const std::size_t count = features.size();
  check_length(node, "nodes_truenodeids", true_ids.size(), count);
  check_length(node, "nodes_falsenodeids", false_ids.size(), count);
  check_length(node, "nodes_trueleafs", true_leaves.size(), count);
  check_length(node, "nodes_falseleafs", false_leaves.size(), count);
  check_length(node, "nodes_modes", modes.size(), count);
  check_length(node, "nodes_splits", thresholds.size(), count);
  if (!missing.empty()) check_length(node, "nodes_missing_value_tracks_true", missing.size(), count);

  TreeEnsemble out;
  out.targets = targets;
  out.member_sets = member_sets(node);
  std::uint32_t next_set = 0;
  for (std::size_t i = 0; i < count; ++i) {
    node.check(modes[i] >= 0 && modes[i] <= static_cast<std::int64_t>(SplitMode::Member),
               "attribute 'nodes_modes' holds {}", modes[i]);
    Split split = {
        .threshold = thresholds[i],
        .feature = as_index(node, "nodes_featureids", features[i]),
        .if_true = branch_to(true_leaves[i] != 0, as_index(node, "nodes_truenodeids", true_ids[i])),
        .if_false = branch_to(false_leaves[i] != 0, as_index(node, "nodes_falsenodeids", false_ids[i])),
        .mode = static_cast<SplitMode>(modes[i]),
        .missing_is_true = !missing.empty() && missing[i] != 0};
    if (split.mode == SplitMode::Member) {
      node.check(next_set < out.member_sets.size(),
                 "attribute 'membership_values' holds {} sets, expected more", out.member_sets.size());
      split.members = next_set++;
    }
    out.splits.push_back(split);
  }
  const Ints leaf_targets = node.ints("leaf_targetids");
  const Doubles weights = to_doubles(*weights_tensor);
  check_length(node, "leaf_weights", weights.size(), leaf_targets.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    out.leaves.push_back({{as_index(node, "leaf_targetids", leaf_targets[i]), weights[i]}});
  for (const std::int64_t root : node.ints("tree_roots"))
    out.roots.push_back(branch_to(false, as_index(node, "tree_roots", root)));
  out.prepare(describe(node.node()));
  return out;
}

}  // namespace atlas

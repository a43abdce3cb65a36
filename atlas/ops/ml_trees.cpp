// Decision trees of ai.onnx.ml: TreeEnsemble and the two operators it replaces.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "atlas/ops/families.h"
#include "atlas/ops/ml_scores.h"
#include "atlas/ops/result_limit.h"
#include "atlas/ops/tree_ensemble.h"

namespace atlas::ops {
namespace {

using Doubles = std::vector<double>;
using Ints = std::vector<std::int64_t>;

const Tensor* tensor_attribute(const ReferenceContext& context, const std::string& name) {
  const Attribute* attribute = context.attribute(name);
  return attribute == nullptr ? nullptr : std::get_if<Tensor>(attribute);
}

/// Attribute `name` of floats, or `name`_as_tensor in its place.
Doubles numbers(const ReferenceContext& context, const std::string& name) {
  if (const Tensor* tensor = tensor_attribute(context, name + "_as_tensor")) return to_doubles(*tensor);
  const std::vector<float> reals = context.reals(name);
  return {reals.begin(), reals.end()};
}

void check_length(const ReferenceContext& context, std::string_view name, std::size_t got,
                  std::size_t expected) {
  context.check(got == expected, "expected {} entries in attribute '{}', got {}", expected, name, got);
}

std::size_t as_index(const ReferenceContext& context, std::string_view name, std::int64_t value) {
  context.check(value >= 0, "attribute '{}' holds {}", name, value);
  return static_cast<std::size_t>(value);
}

void check_ensemble(const ReferenceContext& context, const TreeEnsemble& trees) {
  context.check(!trees.roots.empty(), "expected a tree, got none");
  trees.check(describe(context.node()), input_rows(context).features);
}

SplitMode split_mode(const ReferenceContext& context, const std::string& name) {
  static const std::map<std::string_view, SplitMode> kModes = {
      {"BRANCH_LEQ", SplitMode::LessOrEqual},    {"BRANCH_LT", SplitMode::Less},
      {"BRANCH_GTE", SplitMode::GreaterOrEqual}, {"BRANCH_GT", SplitMode::Greater},
      {"BRANCH_EQ", SplitMode::Equal},           {"BRANCH_NEQ", SplitMode::NotEqual}};
  const auto found = kModes.find(name);
  context.check(found != kModes.end(), "attribute 'nodes_modes' holds '{}'", name);
  return found->second;
}

/// The form of TreeEnsembleClassifier and -Regressor: nodes named by tree and number, leaves among them; the
/// votes in attributes that begin with `votes` ("class", "target"). A tree's root is the first of its nodes.
TreeEnsemble named_nodes(const ReferenceContext& context, const std::string& votes, std::size_t targets) {
  const Ints tree_ids = context.ints("nodes_treeids");
  const Ints node_ids = context.ints("nodes_nodeids");
  const Ints features = context.ints("nodes_featureids");
  const Ints true_ids = context.ints("nodes_truenodeids");
  const Ints false_ids = context.ints("nodes_falsenodeids");
  const Ints missing = context.ints("nodes_missing_value_tracks_true");
  const std::vector<std::string> modes = context.strings("nodes_modes");
  const Doubles thresholds = numbers(context, "nodes_values");
  const std::size_t count = tree_ids.size();
  check_length(context, "nodes_nodeids", node_ids.size(), count);
  check_length(context, "nodes_featureids", features.size(), count);
  check_length(context, "nodes_truenodeids", true_ids.size(), count);
  check_length(context, "nodes_falsenodeids", false_ids.size(), count);
  check_length(context, "nodes_modes", modes.size(), count);
  check_length(context, "nodes_values", thresholds.size(), count);
  if (!missing.empty()) check_length(context, "nodes_missing_value_tracks_true", missing.size(), count);

  TreeEnsemble out;
  out.targets = targets;
  std::map<std::pair<std::int64_t, std::int64_t>, Branch> places;
  std::set<std::int64_t> rooted;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_leaf = modes[i] == "LEAF";
    const Branch place = {is_leaf, is_leaf ? out.leaves.size() : out.splits.size()};
    context.check(places.try_emplace({tree_ids[i], node_ids[i]}, place).second,
                  "node {} of tree {} is there twice", node_ids[i], tree_ids[i]);
    if (rooted.insert(tree_ids[i]).second) out.roots.push_back(place);
    if (is_leaf) {
      out.leaves.emplace_back();
    } else {
      out.splits.emplace_back();
    }
  }
  const auto place_of = [&](std::int64_t tree, std::int64_t node) {
    const auto found = places.find({tree, node});
    context.check(found != places.end(), "tree {} has no node {}", tree, node);
    return found->second;
  };
  for (std::size_t i = 0, at = 0; i < count; ++i) {
    if (modes[i] == "LEAF") continue;
    out.splits[at++] = {.mode = split_mode(context, modes[i]),
                        .feature = as_index(context, "nodes_featureids", features[i]),
                        .threshold = thresholds[i],
                        .missing_is_true = !missing.empty() && missing[i] != 0,
                        .if_true = place_of(tree_ids[i], true_ids[i]),
                        .if_false = place_of(tree_ids[i], false_ids[i])};
  }

  const Ints vote_trees = context.ints(votes + "_treeids");
  const Ints vote_nodes = context.ints(votes + "_nodeids");
  const Ints vote_targets = context.ints(votes + "_ids");
  const Doubles weights = numbers(context, votes + "_weights");
  check_length(context, votes + "_nodeids", vote_nodes.size(), vote_trees.size());
  check_length(context, votes + "_ids", vote_targets.size(), vote_trees.size());
  check_length(context, votes + "_weights", weights.size(), vote_trees.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Branch place = place_of(vote_trees[i], vote_nodes[i]);
    if (place.is_leaf)
      out.leaves[place.index].push_back({as_index(context, votes + "_ids", vote_targets[i]), weights[i]});
  }
  check_ensemble(context, out);
  return out;
}

/// The members of each set, sorted; NaN stands between sets.
std::vector<Doubles> member_sets(const ReferenceContext& context) {
  std::vector<Doubles> out;
  const Tensor* values = tensor_attribute(context, "membership_values");
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

/// The form of TreeEnsemble: splits and leaves in arrays of their own.
TreeEnsemble indexed_nodes(const ReferenceContext& context, std::size_t targets) {
  const Ints features = context.ints("nodes_featureids");
  const Ints true_ids = context.ints("nodes_truenodeids");
  const Ints false_ids = context.ints("nodes_falsenodeids");
  const Ints true_leaves = context.ints("nodes_trueleafs");
  const Ints false_leaves = context.ints("nodes_falseleafs");
  const Ints missing = context.ints("nodes_missing_value_tracks_true");
  const Tensor* modes_tensor = tensor_attribute(context, "nodes_modes");
  const Tensor* splits_tensor = tensor_attribute(context, "nodes_splits");
  const Tensor* weights_tensor = tensor_attribute(context, "leaf_weights");
  context.check(modes_tensor && splits_tensor && weights_tensor,
                "expected tensors as attributes 'nodes_modes', 'nodes_splits' and 'leaf_weights'");
  const Ints modes = to_ints(*modes_tensor);
  const Doubles thresholds = to_doubles(*splits_tensor);
  const std::size_t count = features.size();
  check_length(context, "nodes_truenodeids", true_ids.size(), count);
  check_length(context, "nodes_falsenodeids", false_ids.size(), count);
  check_length(context, "nodes_trueleafs", true_leaves.size(), count);
  check_length(context, "nodes_falseleafs", false_leaves.size(), count);
  check_length(context, "nodes_modes", modes.size(), count);
  check_length(context, "nodes_splits", thresholds.size(), count);
  if (!missing.empty()) check_length(context, "nodes_missing_value_tracks_true", missing.size(), count);

  TreeEnsemble out;
  out.targets = targets;
  std::vector<Doubles> sets = member_sets(context);
  std::size_t next_set = 0;
  for (std::size_t i = 0; i < count; ++i) {
    context.check(modes[i] >= 0 && modes[i] <= static_cast<std::int64_t>(SplitMode::Member),
                  "attribute 'nodes_modes' holds {}", modes[i]);
    Split split = {.mode = static_cast<SplitMode>(modes[i]),
                   .feature = as_index(context, "nodes_featureids", features[i]),
                   .threshold = thresholds[i],
                   .missing_is_true = !missing.empty() && missing[i] != 0,
                   .if_true = {true_leaves[i] != 0, as_index(context, "nodes_truenodeids", true_ids[i])},
                   .if_false = {false_leaves[i] != 0, as_index(context, "nodes_falsenodeids", false_ids[i])}};
    if (split.mode == SplitMode::Member) {
      context.check(next_set < sets.size(), "attribute 'membership_values' holds {} sets, expected more",
                    sets.size());
      split.members = std::move(sets[next_set++]);
    }
    out.splits.push_back(std::move(split));
  }
  const Ints leaf_targets = context.ints("leaf_targetids");
  const Doubles weights = to_doubles(*weights_tensor);
  check_length(context, "leaf_weights", weights.size(), leaf_targets.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    out.leaves.push_back({{as_index(context, "leaf_targetids", leaf_targets[i]), weights[i]}});
  for (const std::int64_t root : context.ints("tree_roots"))
    out.roots.push_back({false, as_index(context, "tree_roots", root)});
  check_ensemble(context, out);
  return out;
}

/// As in ONNX Runtime: a target that no leaf voted for stays at 0, base value or not.
void set_regression(ReferenceContext& context, const TreeEnsemble& trees, Aggregate aggregate,
                    const Doubles& base, PostTransform transform, DType dtype) {
  context.check(base.empty() || base.size() == trees.targets, "expected {} base values, got {}",
                trees.targets, base.size());
  const Rows rows = input_rows(context);
  const Shape shape = {static_cast<std::int64_t>(rows.count), static_cast<std::int64_t>(trees.targets)};
  check_result_size(context, shape);
  const Doubles x = context.doubles(0);
  const bool single = context.dtype(0) != DType::F64;
  Doubles out;
  for (std::size_t row = 0; row < rows.count; ++row) {
    Doubles values;
    for (const Score& score : trees.score(x.data() + row * rows.features, aggregate, single)) {
      const bool has_base = !base.empty() && (score.is_set || trees.targets == 1);
      values.push_back(has_base ? score.value + base[values.size()] : score.value);
    }
    values = transformed(std::move(values), transform);
    out.insert(out.end(), values.begin(), values.end());
  }
  context.set_doubles(0, dtype, shape, out);
}

std::size_t target_count(const ReferenceContext& context, std::string_view ids) {
  const Ints targets = context.ints(ids);
  const std::int64_t most = targets.empty() ? 0 : *std::ranges::max_element(targets);
  const std::int64_t count = context.has_attribute("n_targets") ? context.integer("n_targets") : most + 1;
  context.check(count >= 1, "expected a target, got {}", count);
  check_result_size(context, {count});
  return static_cast<std::size_t>(count);
}

void infer_regression(InferContext& context, DType dtype) {
  const Dim targets = context.has_attribute("n_targets") ? Dim(context.integer("n_targets")) : Dim();
  context.set_output(0, dtype, Dims{input_row_count(context), targets});
}
void infer_tree_regressor(InferContext& context) {
  infer_regression(context, DType::F32);
}
void infer_tree_ensemble(InferContext& context) {
  infer_regression(context, context.dtype(0));
}

void tree_regressor(ReferenceContext& context) {
  static const std::map<std::string_view, Aggregate> kAggregates = {{"AVERAGE", Aggregate::Average},
                                                                    {"SUM", Aggregate::Sum},
                                                                    {"MIN", Aggregate::Min},
                                                                    {"MAX", Aggregate::Max}};
  const std::string name = context.string("aggregate_function");
  const auto aggregate = kAggregates.find(name);
  context.check(aggregate != kAggregates.end(), "attribute 'aggregate_function' is '{}'", name);
  const TreeEnsemble trees = named_nodes(context, "target", target_count(context, "target_ids"));
  set_regression(context, trees, aggregate->second, numbers(context, "base_values"), post_transform(context),
                 DType::F32);
}

void tree_ensemble(ReferenceContext& context) {
  const std::int64_t aggregate = context.integer("aggregate_function");
  const std::int64_t transform = context.integer("post_transform");
  context.check(aggregate >= 0 && aggregate <= 3, "attribute 'aggregate_function' is {}", aggregate);
  context.check(transform >= 0 && transform <= 4, "attribute 'post_transform' is {}", transform);
  const TreeEnsemble trees = indexed_nodes(context, target_count(context, "leaf_targetids"));
  set_regression(context, trees, static_cast<Aggregate>(aggregate), {}, static_cast<PostTransform>(transform),
                 context.dtype(0));
}

/// What decides a classifier's label besides the scores.
struct Classification {
  std::size_t classes = 0;
  bool one_voted = false;     // of two classes, leaves vote for one alone
  bool all_positive = false;  // no vote is negative
  Doubles base;
};

/// Adds base values to the scores and gives the winner. Of one or two classes the second wins by a threshold:
/// 0.5 where votes look like probabilities, otherwise 0. All this, the base values of two classes among them,
/// is what ONNX Runtime does and the standard leaves open.
std::size_t decide(const Classification& model, std::vector<Score>& scores) {
  const Doubles& base = model.base;
  if (model.classes > 2) {
    for (std::size_t i = 0; i < base.size(); ++i) scores[i] = {scores[i].value + base[i], true};
    std::size_t winner = 0;
    bool found = false;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!scores[i].is_set || (found && scores[i].value <= scores[winner].value)) continue;
      winner = i;
      found = true;
    }
    return winner;
  }
  if (base.size() == 1) scores[0].value += base[0];
  if (base.size() == 2 && scores[1].is_set) {
    scores[1].value = base[1] + scores[0].value;
    scores[0].value = -scores[1].value;
  } else if (base.size() == 2) {
    scores[0] = {scores[0].value + base[0], true};
  }
  const double decisive = scores.back().is_set ? scores.back().value : scores[0].value;
  return decisive > (model.one_voted && model.all_positive ? 0.5 : 0.0);
}

void infer_tree_classifier(InferContext& context) {
  const Dim rows = input_row_count(context);
  const DType dtype = class_label_dtype(context);
  const Attribute* labels = context.attribute("classlabels_strings");
  const std::size_t count = dtype == DType::String ? std::get<std::vector<std::string>>(*labels).size()
                                                   : context.ints("classlabels_int64s").size();
  context.set_output(0, dtype, Dims{rows});
  context.set_output(1, DType::F32, Dims{rows, Dim(static_cast<std::int64_t>(count))});
}

void tree_classifier(ReferenceContext& context) {
  ClassLabels labels = class_labels(context, "classlabels_int64s");
  const PostTransform transform = post_transform(context);
  const Rows rows = input_rows(context);
  Classification model = {.classes = labels.size(), .base = numbers(context, "base_values")};
  const TreeEnsemble trees = named_nodes(context, "class", model.classes);
  context.check(model.base.empty() || model.base.size() == model.classes ||
                    (model.base.size() == 1 && model.classes == 2),
                "expected {} base values, got {}", model.classes, model.base.size());
  const Ints voted = context.ints("class_ids");
  model.one_voted = model.classes == 2 && std::set(voted.begin(), voted.end()).size() == 1;
  model.all_positive =
      std::ranges::all_of(numbers(context, "class_weights"), [](double w) { return w >= 0; });
  if (model.classes == 1) {
    context.check(labels.strings.empty(), "expected two class labels or more, got 1");
    labels.integers = {0, 1};
  }

  const Doubles x = context.doubles(0);
  const bool single = context.dtype(0) != DType::F64;
  std::vector<std::size_t> winners;
  Doubles out;
  for (std::size_t row = 0; row < rows.count; ++row) {
    std::vector<Score> scores = trees.score(x.data() + row * rows.features, Aggregate::Sum, single);
    winners.push_back(decide(model, scores));
    LoneScore lone = LoneScore::Keep;
    if (model.classes == 2 && !scores[1].is_set && model.base.size() < 2) {
      scores.pop_back();
      lone = model.one_voted && model.all_positive ? LoneScore::Probability : LoneScore::Margin;
    }
    Doubles values;
    for (const Score& score : scores) values.push_back(score.is_set || scores.size() == 1 ? score.value : 0);
    values = transformed(std::move(values), transform, lone);
    out.insert(out.end(), values.begin(), values.end());
  }
  context.set_output(0, labels.at(winners));
  context.set_doubles(1, DType::F32,
                      {static_cast<std::int64_t>(rows.count), static_cast<std::int64_t>(model.classes)}, out);
}

std::vector<AttributeSpec> named_node_attributes(const std::string& votes) {
  return {{"nodes_treeids", AttributeKind::Integers},
          {"nodes_nodeids", AttributeKind::Integers},
          {"nodes_featureids", AttributeKind::Integers},
          {"nodes_values", AttributeKind::Reals},
          {"nodes_values_as_tensor", AttributeKind::Tensor},
          {"nodes_hitrates", AttributeKind::Reals},
          {"nodes_hitrates_as_tensor", AttributeKind::Tensor},
          {"nodes_modes", AttributeKind::Strings},
          {"nodes_truenodeids", AttributeKind::Integers},
          {"nodes_falsenodeids", AttributeKind::Integers},
          {"nodes_missing_value_tracks_true", AttributeKind::Integers},
          {votes + "_treeids", AttributeKind::Integers},
          {votes + "_nodeids", AttributeKind::Integers},
          {votes + "_ids", AttributeKind::Integers},
          {votes + "_weights", AttributeKind::Reals},
          {votes + "_weights_as_tensor", AttributeKind::Tensor},
          {"base_values", AttributeKind::Reals},
          {"base_values_as_tensor", AttributeKind::Tensor},
          {"post_transform", "NONE"}};
}

}  // namespace

std::vector<OpDef> ml_trees() {
  constexpr TypeSet kInputs = {DType::F32, DType::F64, DType::I64, DType::I32};
  std::vector<OpDef> out = {
      {.domain = "ai.onnx.ml",
       .name = "TreeEnsemble",
       .schema = {"X:T -> Y:T",
                  {{"T", {DType::F32, DType::F64, DType::F16}}},
                  {{"nodes_splits", AttributeKind::Tensor, kRequired},
                   {"nodes_featureids", AttributeKind::Integers, kRequired},
                   {"nodes_hitrates", AttributeKind::Tensor},
                   {"nodes_modes", AttributeKind::Tensor, kRequired},
                   {"nodes_truenodeids", AttributeKind::Integers, kRequired},
                   {"nodes_falsenodeids", AttributeKind::Integers, kRequired},
                   {"nodes_trueleafs", AttributeKind::Integers, kRequired},
                   {"nodes_falseleafs", AttributeKind::Integers, kRequired},
                   {"nodes_missing_value_tracks_true", AttributeKind::Integers},
                   {"tree_roots", AttributeKind::Integers, kRequired},
                   {"membership_values", AttributeKind::Tensor},
                   {"leaf_targetids", AttributeKind::Integers, kRequired},
                   {"leaf_weights", AttributeKind::Tensor, kRequired},
                   {"n_targets", AttributeKind::Integer},
                   {"post_transform", 0},
                   {"aggregate_function", 1}}},
       .infer = infer_tree_ensemble,
       .reference = tree_ensemble},
      {.domain = "ai.onnx.ml",
       .name = "TreeEnsembleClassifier",
       .schema = {"X:T1 -> Y:T2, Z:f32", {{"T1", kInputs}, {"T2", {DType::String, DType::I64}}}},
       .infer = infer_tree_classifier,
       .reference = tree_classifier},
      {.domain = "ai.onnx.ml",
       .name = "TreeEnsembleRegressor",
       .schema = {"X:T -> Y:f32", {{"T", kInputs}}},
       .infer = infer_tree_regressor,
       .reference = tree_regressor},
  };
  out[1].schema.attributes = named_node_attributes("class");
  out[1].schema.attributes.insert(
      out[1].schema.attributes.end(),
      {{"classlabels_strings", AttributeKind::Strings}, {"classlabels_int64s", AttributeKind::Integers}});
  out[2].schema.attributes = named_node_attributes("target");
  out[2].schema.attributes.insert(out[2].schema.attributes.end(),
                                  {{"n_targets", AttributeKind::Integer}, {"aggregate_function", "SUM"}});
  return out;
}

}  // namespace atlas::ops

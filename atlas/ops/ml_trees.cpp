// Decision trees of ai.onnx.ml: TreeEnsemble and the two operators it replaces.
#include "atlas/ops/families.h"
#include "atlas/ops/result_limit.h"
#include "atlas/ops/tree_model.h"

namespace atlas::ops {
namespace {

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

void infer_tree_classifier(InferContext& context) {
  const Dim rows = input_row_count(context);
  const DType dtype = class_label_dtype(context);
  const Attribute* labels = context.attribute("classlabels_strings");
  const std::size_t count = dtype == DType::String ? std::get<std::vector<std::string>>(*labels).size()
                                                   : context.ints("classlabels_int64s").size();
  context.set_output(0, dtype, Dims{rows});
  context.set_output(1, DType::F32, Dims{rows, Dim(static_cast<std::int64_t>(count))});
}

void trees(ReferenceContext& context) {
  const TreeModel model = TreeModel::read(context);
  const Rows rows = input_rows(context);
  context.check(model.features() <= rows.features, "a split looks at feature {} of {}", model.features() - 1,
                rows.features);
  const Shape shape = {static_cast<std::int64_t>(rows.count), static_cast<std::int64_t>(model.width())};
  check_result_size(context, shape);
  const std::vector<double> x = context.doubles(0);
  const bool single = context.dtype(0) != DType::F64;
  std::vector<std::size_t> winners;
  std::vector<double> out;
  for (const TreeModel::Answer& answer : model.answers(x.data(), rows.count, rows.features, single)) {
    winners.push_back(answer.winner);
    out.insert(out.end(), answer.scores.begin(), answer.scores.end());
  }
  if (model.labels()) context.set_output(0, model.labels()->at(winners));
  context.set_doubles(model.labels() ? 1 : 0, model.score_dtype(context.dtype(0)), shape, out);
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
       .reference = trees},
      {.domain = "ai.onnx.ml",
       .name = "TreeEnsembleClassifier",
       .schema = {"X:T1 -> Y:T2, Z:f32", {{"T1", kInputs}, {"T2", {DType::String, DType::I64}}}},
       .infer = infer_tree_classifier,
       .reference = trees},
      {.domain = "ai.onnx.ml",
       .name = "TreeEnsembleRegressor",
       .schema = {"X:T -> Y:f32", {{"T", kInputs}}},
       .infer = infer_tree_regressor,
       .reference = trees},
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

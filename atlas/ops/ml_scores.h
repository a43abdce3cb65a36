// What the classifiers and regressors of ai.onnx.ml share: class labels, and the last step from raw scores to
// output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atlas/ops/infer_context.h"
#include "atlas/ops/node_attributes.h"
#include "atlas/ops/reference_context.h"

namespace atlas {

enum class PostTransform { None, Softmax, Logistic, SoftmaxZero, Probit };

/// By the standard's spelling ("SOFTMAX_ZERO"); nothing for others.
std::optional<PostTransform> post_transform_from_name(std::string_view name);
/// Attribute 'post_transform' of the node, a string. Throws InvalidArgument on unknown names.
PostTransform post_transform(const NodeAttributes& context);

/// How the one score s of a two-class model becomes two. Under Logistic both forms of two give
/// (logistic(-s), logistic(s)).
enum class LoneScore {
  Keep,         // stays one
  Probability,  // (1 - s, s)
  Margin,       // (-s, s)
};

/// The transform as ONNX Runtime applies it, which models are published against: a lone score is left alone
/// but for Probit; SoftmaxZero keeps zeros out of the sum and at zero. Probit is the inverse of the normal
/// distribution by Winitzki's approximation: sqrt(2) erfinv(2 s - 1).
std::vector<double> transformed(std::vector<double> scores, PostTransform transform,
                                LoneScore lone = LoneScore::Keep);

double logistic(double x);

/// Class labels of a node: integers or strings.
struct ClassLabels {
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;

  std::size_t size() const { return integers.size() + strings.size(); }
  DType dtype() const { return strings.empty() ? DType::I64 : DType::String; }
  /// Rank 1: the labels at `classes`, each below `size()`.
  Tensor at(const std::vector<std::size_t>& classes) const;
};

/// Attributes `integers_name` and 'classlabels_strings'. Throws InvalidArgument where both or, unless
/// `may_lack`, neither holds labels.
ClassLabels class_labels(const NodeAttributes& context, std::string_view integers_name,
                         bool may_lack = false);
DType class_label_dtype(const InferContext& context);

/// [N, features] of an input of that shape, or of [features], which is one row. Throws otherwise.
struct Rows {
  std::size_t count;
  std::size_t features;
};
Rows input_rows(const ReferenceContext& context);
/// The dim N of such an input.
Dim input_row_count(const InferContext& context);

}  // namespace atlas

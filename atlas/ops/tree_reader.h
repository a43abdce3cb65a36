// Tree ensembles out of a node's attributes, in the two forms that ai.onnx.ml has.
#pragma once

#include <string>
#include <vector>

#include "atlas/ops/node_attributes.h"
#include "atlas/ops/tree_ensemble.h"

namespace atlas {

/// Attribute `name` of floats, or `name`_as_tensor in its place.
std::vector<double> number_list(const NodeAttributes& node, const std::string& name);

/// The form of TreeEnsembleClassifier and -Regressor: nodes named by tree and number, leaves among them; the
/// votes in attributes that begin with `votes` ("class", "target"). A tree's root is the first of its nodes.
/// Checked, as the other form is.
TreeEnsemble read_named_trees(const NodeAttributes& node, const std::string& votes, std::size_t targets);

/// The form of TreeEnsemble: splits and leaves in arrays of their own.
TreeEnsemble read_indexed_trees(const NodeAttributes& node, std::size_t targets);

}  // namespace atlas

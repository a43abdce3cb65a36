// Steps of softmax, batch and group normalisation, and dropout.
#include "atlas/base/error.h"
#include "atlas/formats/onnx/conversion_steps.h"
#include "atlas/tensor/elements.h"

namespace atlas::onnx::steps {

void softmax_along_axis(Conversion& c) {
  const std::int64_t axis = c.attributes().integer("axis", 1);
  const std::optional<std::size_t> rank = c.rank(c.input(0));
  if (axis == -1 || (rank && axis == static_cast<std::int64_t>(*rank) - 1)) {
    c.attributes().set("axis", std::int64_t{-1});
    return;
  }
  const ValueId x = c.input(0);
  c.set_input(0, c.op("Flatten", {x}, {{"axis", axis}}));
  c.attributes().set("axis", std::int64_t{-1});
  const ValueId y = c.take_output(0);
  c.make(y, "Reshape", {c.output(0), c.op("Shape", {x})});
}

void softmax_from_axis(Conversion& c) {
  const std::int64_t axis = c.attributes().integer("axis", -1);
  const std::optional<std::size_t> rank = c.rank(c.input(0));
  if (axis != -1 && !(rank && axis == static_cast<std::int64_t>(*rank) - 1))
    c.unsupported("before opset 13 only the last axis can be the one");
  // Negative axes came with opset 11.
  c.attributes().set("axis", rank ? static_cast<std::int64_t>(*rank) - 1 : axis);
}

void batch_norm_drop_is_test(Conversion& c) {
  c.attributes().erase("is_test");
}

void batch_norm_drop_spatial(Conversion& c) {
  if (c.attributes().integer("spatial", 1) == 0)
    c.unsupported("spatial = 0 (statistics for each activation) left ONNX with opset 9");
  c.attributes().erase("spatial");
}

void batch_norm_training_mode(Conversion& c) {
  for (const std::size_t saved : {3u, 4u})
    if (c.is_used(c.output(saved))) c.unsupported("the saved statistics of a batch left ONNX with opset 14");
  std::vector<ValueId>& outputs = c.node().outputs;
  for (std::size_t i = 3; i < outputs.size(); ++i)
    if (outputs[i] != ValueId::None) c.graph().value(outputs[i]).producer = NodeId::None;
  if (outputs.size() > 3) outputs.resize(3);
  if (c.output(1) != ValueId::None || c.output(2) != ValueId::None)
    c.attributes().set("training_mode", std::int64_t{1});
}

void batch_norm_inference_only(Conversion& c) {
  if (c.attributes().integer("training_mode", 0) != 0) c.unsupported("training mode came with opset 14");
  c.attributes().erase("training_mode");
}

void group_norm_per_channel(Conversion& c) {
  const auto* groups = c.attributes().get<std::int64_t>("num_groups");
  require(groups != nullptr, "attribute 'num_groups': expected an integer, got none");
  const ValueId group_count = c.ints({*groups});
  const ValueId channels =
      c.op("Shape", {c.input(0)}, {{"start", std::int64_t{1}}, {"end", std::int64_t{2}}});
  const ValueId per_group = c.op("Div", {channels, group_count});
  const ValueId shape = c.op("Concat", {group_count, per_group}, {{"axis", std::int64_t{0}}});
  for (const std::size_t position : {1u, 2u}) {
    const ValueId column = c.op("Unsqueeze", {c.input(position), c.ints({1})});
    const ValueId repeated = c.op("Expand", {column, shape});
    c.set_input(position, c.op("Reshape", {repeated, c.ints({-1})}));
  }
}

void dropout_drop_is_test(Conversion& c) {
  c.attributes().erase("is_test");
}

void dropout_mask_to_bool(Conversion& c) {
  if (c.output(1) == ValueId::None) return;
  const ValueId mask = c.take_output(1);
  c.make(mask, "CastLike", {c.output(1), c.input(0)});
}

void dropout_to_inputs(Conversion& c) {
  const auto* ratio = c.attributes().get<float>("ratio");
  if (ratio == nullptr) return;
  const float value = *ratio;
  c.attributes().erase("ratio");
  c.set_input(1, c.constant(Tensor::scalar(value)));
}

void dropout_to_attributes(Conversion& c) {
  if (c.input(2) != ValueId::None) {
    const std::optional<Tensor> training = c.constant_of(c.input(2));
    if (!training || training->element_count() != 1 || to_ints(*training)[0] != 0)
      c.unsupported("training mode came with opset 12");
  }
  if (c.input(1) != ValueId::None) {
    const std::optional<Tensor> ratio = c.constant_of(c.input(1));
    if (!ratio || ratio->element_count() != 1) c.unsupported("its ratio must be constant before opset 12");
    c.attributes().set("ratio", static_cast<float>(to_doubles(*ratio)[0]));
  }
  c.attributes().erase("seed");
  c.node().inputs.resize(1);
}

}  // namespace atlas::onnx::steps

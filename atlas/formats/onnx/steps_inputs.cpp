// Steps of operators whose attributes became inputs, which may be computed, and the way back.
#include <algorithm>
#include <limits>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/conversion_steps.h"
#include "atlas/tensor/elements.h"

namespace atlas::onnx::steps {
namespace {

void to_input(Conversion& c, const char* name, std::size_t position) {
  if (const std::optional<ValueId> value = c.take_integers(name)) c.set_input(position, *value);
}

void to_attribute(Conversion& c, std::size_t position, const char* name) {
  if (auto values = c.take_constant_input(position, name)) c.attributes().set(name, std::move(*values));
}

template <typename T>
Tensor of_list(const std::vector<T>& values) {
  return Tensor::of<T>({static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
}

}  // namespace

void axes_to_input(Conversion& c) {
  to_input(c, "axes", 1);
}

void axes_to_attribute(Conversion& c) {
  if (c.attributes().integer("noop_with_empty_axes", 0) != 0) {
    const std::optional<Tensor> axes = c.constant_of(c.input(1));
    if (!axes || axes->element_count() == 0)
      c.unsupported("without axes it changes nothing, which older versions cannot express");
  }
  c.attributes().erase("noop_with_empty_axes");
  to_attribute(c, 1, "axes");
}

void split_to_input(Conversion& c) {
  to_input(c, "split", 1);
}

void split_to_attribute(Conversion& c) {
  to_attribute(c, 1, "split");
}

void split_counts_outputs(Conversion& c) {
  if (c.input(1) == ValueId::None)
    c.attributes().set("num_outputs", static_cast<std::int64_t>(c.node().outputs.size()));
}

void split_stops_counting(Conversion& c) {
  if (!c.attributes().has("num_outputs")) return;
  const auto parts = static_cast<std::int64_t>(c.node().outputs.size());
  const std::int64_t axis = c.attributes().integer("axis", 0);
  const Type& type = c.graph().value(c.input(0)).type;
  const auto rank = static_cast<std::int64_t>(c.rank(c.input(0)).value_or(0));
  const std::int64_t at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank || !(*type.dims)[static_cast<std::size_t>(at)].is_constant() ||
      (*type.dims)[static_cast<std::size_t>(at)].value() % parts != 0)
    c.unsupported("older versions split only into parts known to be equal");
  c.attributes().erase("num_outputs");
}

void slice_to_inputs(Conversion& c) {
  to_input(c, "starts", 1);
  to_input(c, "ends", 2);
  to_input(c, "axes", 3);
}

void slice_to_attributes(Conversion& c) {
  if (const auto steps = c.take_constant_input(4, "steps"))
    for (const std::int64_t step : *steps)
      if (step != 1) c.unsupported("steps other than 1 came with opset 10");
  to_attribute(c, 3, "axes");
  to_attribute(c, 2, "ends");
  to_attribute(c, 1, "starts");
}

void topk_to_input(Conversion& c) {
  const auto* k = c.attributes().get<std::int64_t>("k");
  require(k != nullptr, "attribute 'k': expected an integer, got none");
  const std::int64_t count = *k;
  c.attributes().erase("k");
  c.set_input(1, c.ints({count}));
}

void topk_to_attribute(Conversion& c) {
  const auto k = c.take_constant_input(1, "k");
  require(k && k->size() == 1, "input 1: expected one integer");
  c.attributes().set("k", k->front());
}

void rename_paddings(Conversion& c) {
  c.attributes().set("pads", c.attributes().integers("paddings"));
  c.attributes().erase("paddings");
}

void pad_to_inputs(Conversion& c) {
  to_input(c, "pads", 1);
  if (const auto* value = c.attributes().get<float>("value")) {
    const float fill = *value;
    c.attributes().erase("value");
    c.set_input(2, c.scalar_like(fill, c.input(0)));
  }
}

void pad_to_attributes(Conversion& c) {
  if (c.input(2) != ValueId::None) {
    const std::optional<Tensor> fill = c.constant_of(c.input(2));
    if (!fill || fill->element_count() != 1) c.unsupported("its value must be constant before opset 11");
    c.attributes().set("value", static_cast<float>(to_doubles(*fill)[0]));
    c.node().inputs.resize(2);
  }
  to_attribute(c, 1, "pads");
}

void reshape_to_input(Conversion& c) {
  drop_consumed_inputs(c);
  to_input(c, "shape", 1);
}

void reshape_to_attribute(Conversion& c) {
  to_attribute(c, 1, "shape");
}

void tile_repeats(Conversion& c) {
  if (c.node().inputs.size() < 3) return;  // written in the newer form already
  const ValueId rank = c.op("Shape", {c.op("Shape", {c.input(0)})});
  const ValueId ones = c.op("ConstantOfShape", {rank}, {{"value", Tensor::of<std::int64_t>({1}, {1})}});
  const auto integer = [&](std::size_t position) {
    const Attributes to = {{"to", static_cast<std::int64_t>(DType::I64)}};
    return c.op("Reshape", {c.op("Cast", {c.input(position)}, to), c.ints({1})});
  };
  const ValueId tiles = integer(1);
  const ValueId axis = integer(2);
  c.set_input(1, c.op("ScatterElements", {ones, axis, tiles}));
  c.node().inputs.resize(2);
}

void dft_axis_to_input(Conversion& c) {
  const std::optional<ValueId> axis = c.take_integer("axis");
  c.set_input(2, axis ? *axis : c.constant(Tensor::scalar<std::int64_t>(1)));
}

void dft_axis_to_attribute(Conversion& c) {
  const auto axis = c.take_constant_input(2, "axis");
  c.attributes().set("axis", axis ? axis->at(0) : std::int64_t{-2});
}

void shape_then_slice(Conversion& c) {
  const std::int64_t start = c.attributes().integer("start", 0);
  const bool to_end = !c.attributes().has("end");
  const std::int64_t end = c.attributes().integer("end", std::numeric_limits<std::int64_t>::max());
  c.attributes().erase("start");
  c.attributes().erase("end");
  if (start == 0 && to_end) return;
  const ValueId part = c.take_output(0);
  c.make(part, "Slice", {c.output(0), c.ints({start}), c.ints({end})});
}

void constant_to_tensor(Conversion& c) {
  Tensor value;
  for (const auto& [name, attribute] : c.attributes()) {
    if (const auto* integer = std::get_if<std::int64_t>(&attribute)) value = Tensor::scalar(*integer);
    if (const auto* real = std::get_if<float>(&attribute)) value = Tensor::scalar(*real);
    if (const auto* string = std::get_if<std::string>(&attribute)) value = Tensor::scalar(*string);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute)) value = Tensor::of_ints(*list);
    if (const auto* list = std::get_if<std::vector<float>>(&attribute)) value = of_list(*list);
    if (const auto* list = std::get_if<std::vector<std::string>>(&attribute)) value = of_list(*list);
  }
  if (value.is_defined()) c.node().attributes = {{"value", std::move(value)}};
}

void gemm_with_zero(Conversion& c) {
  if (c.input(2) != ValueId::None) return;
  if (c.dtype(c.input(0)) == DType::Undefined) c.unsupported("without its third input it came with opset 11");
  c.set_input(2, c.scalar_like(0, c.input(0)));
}

void axes_from_front(Conversion& c) {
  std::vector<std::int64_t> axes = c.attributes().integers("axes");
  if (c.attributes().has("axis")) axes = {c.attributes().integer("axis", 0)};
  if (std::ranges::all_of(axes, [](std::int64_t axis) { return axis >= 0; })) return;
  const std::optional<std::size_t> known = c.rank(c.input(0));
  if (!known) c.unsupported("negative axes came with opset 11");
  const std::size_t rank = *known + (c.node().op == "Unsqueeze" ? axes.size() : 0);
  for (std::int64_t& axis : axes) axis = normalize_axis(axis, rank, "its axes");
  if (c.attributes().has("axis")) {
    c.attributes().set("axis", axes[0]);
  } else {
    c.attributes().set("axes", axes);
  }
}

void concat_default_axis(Conversion& c) {
  if (!c.attributes().has("axis")) c.attributes().set("axis", std::int64_t{1});
}

}  // namespace atlas::onnx::steps

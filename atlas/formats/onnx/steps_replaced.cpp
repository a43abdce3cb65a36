// Steps that turn an operator into others: renamed ones, and those of the first opset's experiments.
#include "atlas/base/error.h"
#include "atlas/formats/onnx/conversion_steps.h"

namespace atlas::onnx::steps {
namespace {

// The node becomes `op` with these inputs and no attributes.
void become(Conversion& c, std::string op, std::vector<ValueId> inputs) {
  c.node().op = std::move(op);
  c.node().inputs = std::move(inputs);
  c.node().attributes = {};
}

}  // namespace

void scatter_to_elements(Conversion& c) {
  c.node().op = "ScatterElements";
}

void label_encoder_classes(Conversion& c) {
  if (!c.attributes().has("classes_strings")) return;  // written in the newer form already
  const std::vector<std::string> classes = c.attributes().strings("classes_strings");
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < classes.size(); ++i) numbers.push_back(static_cast<std::int64_t>(i));
  const DType from = c.dtype(c.input(0));
  const DType to = c.dtype(c.output(0));
  if (from == DType::Undefined && to == DType::Undefined)
    c.unsupported("the model does not say whether it maps strings to integers or integers to strings");
  const bool from_strings = from == DType::String || to == DType::I64;
  c.attributes().erase("classes_strings");
  c.attributes().set(from_strings ? "keys_strings" : "values_strings", classes);
  c.attributes().set(from_strings ? "values_int64s" : "keys_int64s", numbers);
}

void affine_to_arithmetic(Conversion& c) {
  const ValueId x = c.input(0);
  const ValueId alpha = c.scalar_like(c.attributes().real("alpha", 1), x);
  const ValueId beta = c.scalar_like(c.attributes().real("beta", 0), x);
  become(c, "Add", {c.op("Mul", {x, alpha}), beta});
}

void scale_to_arithmetic(Conversion& c) {
  become(c, "Mul", {c.input(0), c.scalar_like(c.attributes().real("scale", 1), c.input(0))});
}

void image_scaler_to_arithmetic(Conversion& c) {
  const ValueId x = c.input(0);
  const ValueId scale = c.scalar_like(c.attributes().real("scale", 1), x);
  const std::vector<float> bias = c.attributes().reals("bias");
  const ValueId shifts =
      c.op("CastLike", {c.constant(Tensor::of<float>({static_cast<std::int64_t>(bias.size()), 1, 1},
                                                     std::span<const float>(bias))),
                        x});
  become(c, "Add", {c.op("Mul", {x, scale}), shifts});
}

void parametric_softplus_to_arithmetic(Conversion& c) {
  const ValueId x = c.input(0);
  const ValueId alpha = c.scalar_like(c.attributes().real("alpha", 1), x);
  const ValueId beta = c.scalar_like(c.attributes().real("beta", 1), x);
  become(c, "Mul", {c.op("Softplus", {c.op("Mul", {x, beta})}), alpha});
}

void scaled_tanh_to_arithmetic(Conversion& c) {
  const ValueId x = c.input(0);
  const ValueId alpha = c.scalar_like(c.attributes().real("alpha", 1), x);
  const ValueId beta = c.scalar_like(c.attributes().real("beta", 1), x);
  become(c, "Mul", {c.op("Tanh", {c.op("Mul", {x, beta})}), alpha});
}

void given_tensor_fill_to_constant(Conversion& c) {
  const std::vector<float> values = c.attributes().reals("values");
  if (c.attributes().integer("input_as_shape", 0) != 0 || !c.attributes().has("shape"))
    c.unsupported("a shape that is computed is not supported");
  Attributes constant = {
      {"value", Tensor::of<float>(c.attributes().integers("shape"), std::span<const float>(values))}};
  become(c, "Constant", {});
  c.node().attributes = std::move(constant);
}

void crop_to_slice(Conversion& c) {
  const std::vector<std::int64_t> border = c.attributes().integers("border");
  const std::vector<std::int64_t> scale = c.attributes().integers("scale");
  require(border.size() == 4, "attribute 'border': expected 4 integers, got {}", border.size());
  require(scale.empty() || scale.size() == 2, "attribute 'scale': expected 2 integers, got {}", scale.size());
  // border: left, top, right, bottom; scale: height, width
  const ValueId starts = c.ints({border[1], border[0]});
  ValueId ends = ValueId::None;
  if (scale.size() == 2) {
    ends = c.ints({border[1] + scale[0], border[0] + scale[1]});
  } else {
    const ValueId extents =
        c.op("Shape", {c.input(0)}, {{"start", std::int64_t{2}}, {"end", std::int64_t{4}}});
    ends = c.op("Sub", {extents, c.ints({border[3], border[2]})});
  }
  become(c, "Slice", {c.input(0), starts, ends, c.ints({2, 3})});
}

}  // namespace atlas::onnx::steps

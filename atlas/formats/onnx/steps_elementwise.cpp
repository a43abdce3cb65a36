// Steps of operators that work element by element.
#include <array>

#include "atlas/base/error.h"
#include "atlas/formats/onnx/conversion_steps.h"
#include "atlas/tensor/elements.h"

namespace atlas::onnx::steps {
namespace {

// Gives input 1 axes of extent 1 behind its own, so that its first axis falls on `axis` of input 0.
void align(Conversion& c, std::int64_t axis) {
  const std::optional<std::size_t> rank_a = c.rank(c.input(0));
  const std::optional<std::size_t> rank_b = c.rank(c.input(1));
  if (rank_a && rank_b) {
    const auto a = static_cast<std::int64_t>(*rank_a);
    const auto b = static_cast<std::int64_t>(*rank_b);
    const std::int64_t behind = a - (axis < 0 ? axis + a : axis) - b;
    require(behind >= 0, "broadcast: {} axes at axis {} do not fit {} axes", b, axis, a);
    if (behind == 0) return;
    std::vector<std::int64_t> axes;
    for (std::int64_t i = 0; i < behind; ++i) axes.push_back(b + i);
    c.set_input(1, c.op("Unsqueeze", {c.input(1), c.ints(axes)}));
    return;
  }
  const ValueId shape_b = c.op("Shape", {c.input(1)});
  const ValueId from_axis = axis < 0
                                ? c.ints({-axis})
                                : c.op("Sub", {c.op("Shape", {c.op("Shape", {c.input(0)})}), c.ints({axis})});
  const ValueId behind = c.op("Sub", {from_axis, c.op("Shape", {shape_b})});
  const ValueId ones = c.op("ConstantOfShape", {behind}, {{"value", Tensor::of<std::int64_t>({1}, {1})}});
  const ValueId shape = c.op("Concat", {shape_b, ones}, {{"axis", std::int64_t{0}}});
  c.set_input(1, c.op("Reshape", {c.input(1), shape}));
}

DType type_named(const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, DType>, 15> kNames = {{
      {"FLOAT", DType::F32},
      {"UINT8", DType::U8},
      {"INT8", DType::I8},
      {"UINT16", DType::U16},
      {"INT16", DType::I16},
      {"INT32", DType::I32},
      {"INT64", DType::I64},
      {"STRING", DType::String},
      {"BOOL", DType::Bool},
      {"FLOAT16", DType::F16},
      {"DOUBLE", DType::F64},
      {"UINT32", DType::U32},
      {"UINT64", DType::U64},
      {"COMPLEX64", DType::C64},
      {"COMPLEX128", DType::C128},
  }};
  for (const auto& [known, dtype] : kNames)
    if (known == name) return dtype;
  fail(ErrorCode::InvalidArgument, "attribute 'to': expected the name of an element type, got '{}'", name);
}

}  // namespace

void drop_consumed_inputs(Conversion& c) {
  c.attributes().erase("consumed_inputs");
}

void align_broadcast(Conversion& c) {
  const bool broadcast = c.attributes().integer("broadcast", 0) != 0;
  const bool at_axis = c.attributes().has("axis");
  const std::int64_t axis = c.attributes().integer("axis", 0);
  c.attributes().erase("broadcast");
  c.attributes().erase("axis");
  if (broadcast && at_axis) align(c, axis);
}

void align_slope(Conversion& c) {
  const std::optional<std::size_t> rank = c.rank(c.input(0));
  if (c.rank(c.input(1)).value_or(1) == 1 && rank.value_or(2) > 1) align(c, 1);
}

void keep_selu_defaults(Conversion& c) {
  drop_consumed_inputs(c);
  if (!c.attributes().has("alpha")) c.attributes().set("alpha", 1.6732f);
  if (!c.attributes().has("gamma")) c.attributes().set("gamma", 1.0507f);
}

void cast_to_number(Conversion& c) {
  const auto* to = c.attributes().get<std::string>("to");
  require(to != nullptr, "attribute 'to': expected the name of an element type, got none");
  c.attributes().set("to", static_cast<std::int64_t>(type_named(*to)));
}

void cast_to_known_type(Conversion& c) {
  const DType wanted = c.dtype(c.input(1));
  if (wanted == DType::Undefined)
    c.unsupported("it came with opset 15, and the type to cast to is not known");
  c.node().op = "Cast";
  c.node().inputs.resize(1);
  c.attributes().set("to", static_cast<std::int64_t>(wanted));
}

void clip_bounds_to_inputs(Conversion& c) {
  std::size_t position = 1;
  for (const char* name : {"min", "max"}) {
    if (const auto* bound = c.attributes().get<float>(name)) {
      const float value = *bound;
      c.attributes().erase(name);
      c.set_input(position, c.scalar_like(value, c.input(0)));
    }
    ++position;
  }
}

void clip_bounds_to_attributes(Conversion& c) {
  std::size_t position = 1;
  for (const char* name : {"min", "max"}) {
    const ValueId bound = c.input(position);
    if (bound != ValueId::None) {
      const std::optional<Tensor> tensor = c.constant_of(bound);
      if (!tensor || tensor->element_count() != 1)
        c.unsupported("the bounds must be constant before opset 11");
      c.attributes().set(name, static_cast<float>(to_doubles(*tensor)[0]));
    }
    ++position;
  }
  c.node().inputs.resize(1);
}

void cannot_downgrade(Conversion& c) {
  c.unsupported("older versions cannot express it");
}

}  // namespace atlas::onnx::steps

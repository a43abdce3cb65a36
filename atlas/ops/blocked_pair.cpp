// A blocked convolution and the depthwise one behind it as one node, so that a target need not keep the image
// between.
#include "atlas/ops/blocked_channels.h"
#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"
#include "atlas/ops/window_geometry.h"

namespace atlas::ops {
namespace {

constexpr std::string_view kPrefix = "depthwise_";

std::vector<ValueId> decompose_pair(DecomposeContext& context) {
  const std::optional<Dims> weights = context.type(3).dims;
  if (!weights || weights->empty() || !(*weights)[0].is_constant()) return {};
  const Attributes& given = context.node().attributes;
  const auto optional = [&](std::size_t i) {
    return context.has_input(i) ? context.input(i) : ValueId::None;
  };
  GraphBuilder& builder = context.builder();
  const ValueId between = builder.op("atlas::BlockedConv", {context.input(0), context.input(1), optional(2)},
                                     pair_conv_attributes(given));
  return {builder.op("atlas::BlockedConv", {between, context.input(3), optional(4)},
                     pair_depthwise_attributes(given, (*weights)[0].value()))};
}

Cost cost_of_pair(const CostContext& context) {
  Cost cost = context.traffic();
  std::vector<std::int64_t> image = context.input_shape(0);
  const std::vector<std::int64_t> w = context.input_shape(1), d = context.input_shape(3);
  if (image.size() > w.size()) image.pop_back();
  Node conv;
  conv.attributes = pair_conv_attributes(context.node().attributes);
  const std::span extents = std::span(image).subspan(2);
  const Shape between = window_counts(
      read_window(conv, extents.size(), {w.begin() + 2, w.end()}).with_explicit_pads(extents), extents, conv);
  const auto product = [](std::span<const std::int64_t> sizes) {
    double all = 1;
    for (const std::int64_t size : sizes) all *= static_cast<double>(size);
    return all;
  };
  const std::vector<std::int64_t> out = context.output_shape(0);
  const double pixels = product(std::span(out).subspan(2, out.size() - 3));
  const double images = static_cast<double>(image[0] * w[0]);
  cost.add_operations(context.input_dtype(0),
                      images * ((2 * product(std::span(w).subspan(1)) + 3) * product(between) +
                                (2 * product(std::span(d).subspan(1)) + 3) * pixels));
  return cost;
}

}  // namespace

Attributes pair_conv_attributes(const Attributes& pair) {
  Attributes out;
  for (const auto& [name, value] : pair)
    if (!name.starts_with(kPrefix)) out.set(name, value);
  return out;
}

Attributes pair_depthwise_attributes(const Attributes& pair, std::int64_t channels) {
  Attributes out;
  for (const auto& [name, value] : pair)
    if (name.starts_with(kPrefix)) out.set(name.substr(kPrefix.size()), value);
  out.set("group", channels);
  return out;
}

void set_pair_depthwise(Attributes& pair, const Attributes& depthwise) {
  for (const auto& [name, value] : depthwise)
    if (name != "group") pair.set(std::string(kPrefix) + name, value);
}

std::vector<OpDef> blocked_pair() {
  const TypeSet either = {DType::F32, DType::BF16};
  Schema schema("X:U, W:T, B?:T, D:T, C?:T -> Y:R", {{"T", {DType::F32}}, {"U", either}, {"R", either}},
                {{"group", 1}, {"depthwise_rounds", 0}});
  std::vector<AttributeSpec>& attributes = schema.attributes;
  for (const std::string prefix : {"", "depthwise_"}) {
    attributes.emplace_back(prefix + "activation", AttributeKind::String);
    attributes.emplace_back(prefix + "activation_params", AttributeKind::Reals);
    attributes.emplace_back(prefix + "addend", 0.0f);
    attributes.emplace_back(prefix + "auto_pad", "NOTSET");
    attributes.emplace_back(prefix + "dilations", AttributeKind::Integers);
    attributes.emplace_back(prefix + "factor", 1.0f);
    attributes.emplace_back(prefix + "kernel_shape", AttributeKind::Integers);
    attributes.emplace_back(prefix + "pads", AttributeKind::Integers);
    attributes.emplace_back(prefix + "strides", AttributeKind::Integers);
  }
  OpDef op = contrib_op("BlockedConvPair", std::move(schema), decompose_pair);
  op.domain = "atlas";
  op.cost = cost_of_pair;
  return {op};
}

}  // namespace atlas::ops

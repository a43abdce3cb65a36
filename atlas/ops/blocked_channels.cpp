// Images whose channels lie in blocks side by side: what targets rewrite convolutions to. No model format has
// these operators; their decompositions and references say what the kernels must give.
#include "atlas/ops/blocked_channels.h"

#include <cstring>

#include "atlas/ops/by_decomposition.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/families.h"

namespace atlas::ops {
namespace {

constexpr std::size_t kBlock = static_cast<std::size_t>(kChannelBlock);

Cost cost_of_copy(const CostContext& context) {
  return context.traffic();
}

void infer_block(InferContext& context) {
  const auto& dims = context.dims(0);
  if (!dims) return context.set_output(0, context.dtype(0), std::nullopt);
  context.check(dims->size() >= 2, "expected [batch, channels, ...], got {}", text(*dims));
  context.set_output(0, context.dtype(0), blocked_dims(*dims));
}

void reference_block(ReferenceContext& context) {
  const Tensor& x = context.input(0);
  context.check(x.rank() >= 2, "expected [batch, channels, ...], got {}", text(x.shape()));
  const auto channels = static_cast<std::size_t>(x.dim(1));
  const std::size_t blocks = (channels + kBlock - 1) / kBlock;
  const std::size_t positions = element_count(Shape(x.shape().begin() + 2, x.shape().end()));
  Shape shape = x.shape();
  shape[1] = static_cast<std::int64_t>(blocks);
  shape.push_back(kChannelBlock);
  const std::vector<double> from = context.doubles(0);
  std::vector<double> to(element_count(shape), 0);
  for (std::size_t n = 0; n < static_cast<std::size_t>(x.dim(0)); ++n)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < positions; ++i)
        to[((n * blocks + c / kBlock) * positions + i) * kBlock + c % kBlock] =
            from[(n * channels + c) * positions + i];
  context.set_doubles(0, x.dtype(), shape, to);
}

void infer_unblock(InferContext& context) {
  const auto& dims = context.dims(0);
  if (!dims) return context.set_output(0, context.dtype(0), std::nullopt);
  context.check(dims->size() >= 3, "expected [batch, channel blocks, ..., {}], got {}", kChannelBlock,
                text(*dims));
  Dims out(dims->begin(), dims->end() - 1);
  out[1] = context.integer("channels");
  context.set_output(0, context.dtype(0), out);
}

void reference_unblock(ReferenceContext& context) {
  const Tensor& x = context.input(0);
  const std::int64_t count = context.integer("channels");
  context.check(x.rank() >= 3 && x.shape().back() == kChannelBlock && count >= 0 &&
                    (count + kChannelBlock - 1) / kChannelBlock == x.dim(1),
                "expected [batch, blocks of {} channels, ..., {}], got {}", count, kChannelBlock,
                text(x.shape()));
  const auto channels = static_cast<std::size_t>(count);
  const std::size_t blocks = (channels + kBlock - 1) / kBlock;
  Shape shape(x.shape().begin(), x.shape().end() - 1);
  shape[1] = count;
  const std::size_t positions = element_count(Shape(shape.begin() + 2, shape.end()));
  const std::vector<double> from = context.doubles(0);
  std::vector<double> to(element_count(shape));
  for (std::size_t n = 0; n < static_cast<std::size_t>(x.dim(0)); ++n)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < positions; ++i)
        to[(n * channels + c) * positions + i] =
            from[((n * blocks + c / kBlock) * positions + i) * kBlock + c % kBlock];
  context.set_doubles(0, x.dtype(), shape, to);
}

std::optional<std::int64_t> constant_dim(const Type& type, std::size_t i) {
  if (!type.dims || i >= type.dims->size() || !(*type.dims)[i].is_constant()) return std::nullopt;
  return (*type.dims)[i].value();
}

ValueId cast(DecomposeContext& context, ValueId x, DType to) {
  return context.builder().op("Cast", {x}, {{"to", static_cast<std::int64_t>(to)}});
}

ValueId unblocked(DecomposeContext& context, ValueId x, std::int64_t channels) {
  return context.builder().op("atlas::UnblockChannels", {x}, {{"channels", channels}});
}

// In f32, an input that may be bfloat16.
ValueId unblocked(DecomposeContext& context, std::size_t i, std::int64_t channels) {
  ValueId x = context.input(i);
  if (context.type(i).dtype != DType::F32) x = cast(context, x, DType::F32);
  return unblocked(context, x, channels);
}

ValueId blocked(DecomposeContext& context, ValueId plain, DType dtype) {
  const ValueId y = context.builder().op("atlas::BlockChannels", {plain});
  return dtype == DType::F32 ? y : cast(context, y, dtype);
}

std::vector<ValueId> decompose_conv(DecomposeContext& context) {
  const Type weights = context.type(1);
  const std::optional<std::int64_t> out_channels = constant_dim(weights, 0);
  const std::optional<std::int64_t> group_in = constant_dim(weights, 1);
  if (!out_channels || !group_in || !context.type(0).dims) return {};
  const std::int64_t channels = *group_in * context.integer("group", 1);
  const bool is_blocked = context.type(0).dims->size() == weights.dims->size() + 1;
  ValueId x = is_blocked ? unblocked(context, 0, channels) : context.input(0);
  if (context.has_input(4)) x = context.builder().op("Mul", {x, unblocked(context, 4, channels)});
  if (context.has_input(5)) x = context.builder().op("Add", {x, unblocked(context, 5, channels)});
  if (context.node().attributes.string("input_activation", "") == "Relu")
    x = context.builder().op("Relu", {x});
  const ValueId z = context.has_input(3) ? unblocked(context, 3, *out_channels) : ValueId::None;
  Attributes attributes = context.node().attributes;
  attributes.erase("factor");
  attributes.erase("input_activation");
  attributes.erase("addend");
  attributes.erase("rounds");
  GraphBuilder& builder = context.builder();
  ValueId y = builder.op("com.microsoft::FusedConv", {x, context.input(1), context.input(2), z}, attributes);
  y = builder.op("Mul", {y, builder.scalar(context.real("factor", 1))});
  y = builder.op("Add", {y, builder.scalar(context.real("addend"))});
  return {blocked(context, y, context.integer("rounds", 0) != 0 ? DType::BF16 : DType::F32)};
}

Cost cost_of_conv(const CostContext& context) {
  Cost cost = context.traffic();
  const std::vector<std::int64_t> weights = context.input_shape(1);
  double taps = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) taps *= static_cast<double>(weights[i]);
  // Of the channels that there are: those that fill up a block are no work asked for.
  std::vector<std::int64_t> image = context.output_shape(0);
  double outputs = static_cast<double>(weights[0]);
  for (std::size_t i = 0; i + 1 < image.size(); ++i)
    if (i != 1) outputs *= static_cast<double>(image[i]);
  cost.add_operations(context.input_dtype(0), (2 * taps + 3) * outputs);
  return cost;
}

template <bool average>
std::vector<ValueId> decompose_pool(DecomposeContext& context) {
  const std::optional<std::int64_t> blocks = constant_dim(context.type(0), 1);
  if (!blocks) return {};
  const ValueId x = unblocked(context, 0, *blocks * kChannelBlock);
  const ValueId y = context.builder().op(average ? "AveragePool" : "MaxPool", {x}, context.node().attributes);
  return {blocked(context, y, context.type(0).dtype)};
}

Cost cost_of_pool(const CostContext& context) {
  Cost cost = context.traffic();
  double taps = 1;
  if (const Attribute* kernel = context.node().attributes.find("kernel_shape"))
    for (const std::int64_t extent : std::get<std::vector<std::int64_t>>(*kernel))
      taps *= static_cast<double>(extent);
  cost.add_operations(context.input_dtype(0), taps * context.output_elements(0));
  return cost;
}

// Images of these channels, one behind the other.
std::vector<ValueId> decompose_concat(DecomposeContext& context) {
  const std::vector<std::int64_t> channels = context.node().attributes.integers("channels");
  std::vector<ValueId> parts;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (!context.has_input(i)) return {};
    parts.push_back(unblocked(context, i, channels[i]));
  }
  const ValueId y = context.builder().op("Concat", std::move(parts), {{"axis", std::int64_t{1}}});
  return {blocked(context, y, context.type(0).dtype)};
}

// Blocks [blocksize, blocksize, blocks of a pixel]: as DepthToSpace's mode DCR on whole blocks.
std::vector<ValueId> decompose_depth_to_space(DecomposeContext& context) {
  const std::optional<std::int64_t> blocks = constant_dim(context.type(0), 1);
  const std::int64_t size = context.integer("blocksize");
  if (!blocks || size < 1 || *blocks % (size * size) != 0 || context.type(0).dims->size() != 5) return {};
  const ValueId x = unblocked(context, 0, *blocks * kChannelBlock);
  const ValueId y = context.builder().op("DepthToSpace", {x}, {{"blocksize", size}});
  return {blocked(context, y, context.type(0).dtype)};
}

OpDef by_decomposition(std::string_view name, Schema schema,
                       std::vector<ValueId> (*decompose)(DecomposeContext&),
                       Cost (*cost)(const CostContext&)) {
  OpDef op = contrib_op(name, std::move(schema), decompose);
  op.domain = "atlas";
  op.cost = cost;
  return op;
}

}  // namespace

Dims blocked_dims(const Dims& plain) {
  Dims out = plain;
  out[1] = ceil_div(plain[1], kChannelBlock);
  out.push_back(kChannelBlock);
  return out;
}

std::vector<OpDef> blocked_channels() {
  const Constraint floats = {"T", {DType::F32}};
  const auto either = [](const char* name) { return Constraint{name, {DType::F32, DType::BF16}}; };
  const AttributeSpec kernel_shape("kernel_shape", AttributeKind::Integers, kRequired);
  return {
      {.domain = "atlas",
       .name = "BlockChannels",
       .schema = {"X:T -> Y:T", {floats}},
       .infer = infer_block,
       .reference = reference_block,
       .cost = cost_of_copy},
      {.domain = "atlas",
       .name = "UnblockChannels",
       .schema = {"X:T -> Y:T", {floats}, {{"channels", AttributeKind::Integer, kRequired}}},
       .infer = infer_unblock,
       .reference = reference_unblock,
       .cost = cost_of_copy},
      // Of X * S + A, perhaps with Relu: S and A have a number for each channel, of each image or of all.
      // With `rounds` the result is bfloat16.
      by_decomposition("BlockedConv",
                       {"X:U, W:T, B?:T, Z?:V, S?:T, A?:T -> Y:R",
                        {floats, either("U"), either("V"), either("R")},
                        {{"activation", AttributeKind::String},
                         {"activation_params", AttributeKind::Reals},
                         {"addend", 0.0f},
                         {"auto_pad", "NOTSET"},
                         {"dilations", AttributeKind::Integers},
                         {"factor", 1.0f},
                         {"group", 1},
                         {"input_activation", AttributeKind::String},
                         {"kernel_shape", AttributeKind::Integers},
                         {"pads", AttributeKind::Integers},
                         {"rounds", 0},
                         {"strides", AttributeKind::Integers}}},
                       decompose_conv, cost_of_conv),
      by_decomposition("BlockedConcat",
                       {"X:T* -> Y:T", {either("T")}, {{"channels", AttributeKind::Integers, kRequired}}},
                       decompose_concat, cost_of_copy),
      by_decomposition("BlockedDepthToSpace",
                       {"X:T -> Y:T", {either("T")}, {{"blocksize", AttributeKind::Integer, kRequired}}},
                       decompose_depth_to_space, cost_of_copy),
      by_decomposition("BlockedMaxPool",
                       {"X:T -> Y:T",
                        {either("T")},
                        {{"auto_pad", "NOTSET"},
                         {"ceil_mode", 0},
                         {"dilations", AttributeKind::Integers},
                         kernel_shape,
                         {"pads", AttributeKind::Integers},
                         {"strides", AttributeKind::Integers}}},
                       decompose_pool<false>, cost_of_pool),
      by_decomposition("BlockedAveragePool",
                       {"X:T -> Y:T",
                        {either("T")},
                        {{"auto_pad", "NOTSET"},
                         {"ceil_mode", 0},
                         {"count_include_pad", 0},
                         {"dilations", AttributeKind::Integers},
                         kernel_shape,
                         {"pads", AttributeKind::Integers},
                         {"strides", AttributeKind::Integers}}},
                       decompose_pool<true>, cost_of_pool),
  };
}

}  // namespace atlas::ops

// Nodes are visited in order. A value may have a blocked form beside its plain one; whichever is asked for
// and missing is made from the other.
#include "atlas/targets/cpu/blocked_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "atlas/graph/builder.h"
#include "atlas/ops/blocked_channels.h"
#include "atlas/ops/resize_sampling.h"
#include "atlas/targets/cpu/conv_node.h"
#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/neighbours.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

constexpr std::int64_t kBlock = ops::kChannelBlock;
// Fewer output channels leave more of a block empty than vectors along rows would.
constexpr std::int64_t kFewestChannels = 8;

// They look at each element alone, so that the layout does not matter to them.
constexpr std::array kOfOne = {
    std::string_view("Abs"),         std::string_view("Clip"),      std::string_view("Elu"),
    std::string_view("Erf"),         std::string_view("Exp"),       std::string_view("Gelu"),
    std::string_view("HardSigmoid"), std::string_view("HardSwish"), std::string_view("LeakyRelu"),
    std::string_view("Mish"),        std::string_view("Neg"),       std::string_view("Relu"),
    std::string_view("Sigmoid"),     std::string_view("Softplus"),  std::string_view("Sqrt"),
    std::string_view("Swish"),       std::string_view("Tanh"),
};
constexpr std::array kOfTwo = {
    std::string_view("Add"), std::string_view("Div"), std::string_view("Max"), std::string_view("Min"),
    std::string_view("Mul"), std::string_view("Sub"), std::string_view("Sum"),
};

// Images in f32 of known rank and channels.
std::optional<std::int64_t> image_channels(const Type& type) {
  if (!type.is_tensor() || type.dtype != DType::F32 || !type.dims || type.dims->size() < 3 ||
      !(*type.dims)[1].is_constant())
    return std::nullopt;
  return (*type.dims)[1].value();
}

class LayoutAssigner {
 public:
  LayoutAssigner(Graph& graph, const OpRegistry& ops, Precision precision)
      : graph_(graph), ops_(ops), precision_(precision), consumers_(graph.consumers()) {}

  void run() {
    for (const NodeId id : graph_.order()) visit(id);
    const std::vector<std::vector<NodeId>> consumers = graph_.consumers();
    for (const auto& [plain, blocked] : made_) {
      const bool is_output = std::ranges::find(graph_.outputs, plain) != graph_.outputs.end();
      if (!is_output && consumers[index(plain)].empty()) continue;
      graph_.add_node({.domain = "atlas",
                       .op = "UnblockChannels",
                       .inputs = {blocked},
                       .outputs = {plain},
                       .attributes = {{"channels", *image_channels(graph_.value(plain).type)}}});
    }
  }

 private:
  void visit(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.op == "Split" && node.domain.empty()) return split(id);
    if (node.outputs.size() != 1 || node.outputs[0] == ValueId::None) return;
    const bool fused = node.domain == "com.microsoft" && node.op == "FusedConv";
    if (!node.domain.empty() && !fused) return;
    if (fused || node.op == "Conv") return convolution(id);
    if (node.inputs.empty() || node.inputs[0] == ValueId::None) return;
    if (node.op == "ConvTranspose") return transposed_convolution(id);
    if (node.op == "BatchNormalization") return normalization(id);
    if (joins_convolution(id)) return;
    if (std::ranges::find(kOfOne, node.op) != kOfOne.end()) return of_one(id);
    if (std::ranges::find(kOfTwo, node.op) != kOfTwo.end()) return of_two(id);
    if (node.op == "MaxPool" || node.op == "AveragePool") return pooling(id);
    if (node.op == "GlobalAveragePool") return global_average(id);
    if (node.op == "Concat") return concat(id);
    if (node.op == "Resize") return resize(id);
    if (node.op == "Slice") return slice(id);
  }

  const Type& type_of(ValueId value) const { return graph_.value(value).type; }
  bool is_made(ValueId value) const { return value != ValueId::None && made_.contains(value); }

  Type blocked_type(ValueId plain) const {
    return Type::tensor(DType::F32, ops::blocked_dims(*type_of(plain).dims));
  }

  // The blocked form of an image.
  ValueId blocked(ValueId plain) {
    if (const auto found = made_.find(plain); found != made_.end()) return found->second;
    if (const auto found = moved_.find(plain); found != moved_.end()) return found->second;
    const ValueId moved = graph_.add_value(graph_.value(plain).name + "/blocked", blocked_type(plain));
    moved_.emplace(plain, moved);
    graph_.add_node({.domain = "atlas", .op = "BlockChannels", .inputs = {plain}, .outputs = {moved}});
    return moved;
  }

  // Puts `node`, whose inputs are as it wants them, in the place of node `id`; its outputs are the
  // blocked forms.
  void replace(NodeId id, Node node) {
    for (ValueId& output : node.outputs) {
      const ValueId plain = output;
      output = graph_.add_value(graph_.value(plain).name + "/blocked", blocked_type(plain));
      made_.emplace(plain, output);
    }
    graph_.erase_node(id);
    graph_.add_node(std::move(node));
  }

  bool has_kernel(const Node& node) const {
    return choose_kernel(NodeView(graph_, node, ops_.at(node))).kernel != nullptr;
  }

  void convolution(NodeId id) {
    Node node = graph_.node(id);
    node.inputs.resize(4, ValueId::None);
    const ValueId plain = node.inputs[0], weights = node.inputs[1];
    const std::optional<std::int64_t> in = image_channels(type_of(plain));
    const std::optional<std::int64_t> out = image_channels(type_of(node.outputs[0]));
    if (!in || !out || !graph_.is_constant(weights)) return;
    // Products of bfloat16 are so fast that leaving the blocks takes longer.
    const bool stays_blocked = precision_ == Precision::Bf16 && is_made(plain);
    if (*out < kFewestChannels && !stays_blocked) return;
    if (node.inputs[3] != ValueId::None && !image_channels(type_of(node.inputs[3]))) return;
    const Tensor& w = graph_.value(weights).constant;
    if (w.rank() != type_of(plain).dims->size()) return;
    node.domain = "atlas";
    node.op = "BlockedConv";
    const bool stays_plain = *in < kBlock && node.attributes.integer("group", 1) == 1 && !is_made(plain);
    if (!fits(node, stays_plain)) return;
    if (!stays_plain) node.inputs[0] = blocked(plain);
    if (is_made(plain)) take_factors(node, plain);
    if (node.inputs[3] != ValueId::None) node.inputs[3] = blocked(node.inputs[3]);
    replace(id, std::move(node));
  }

  // A product with a factor for each channel ("squeeze and excitation") becomes part of a convolution of
  // single pixels, its only reader: the weights are scaled, where they are fewer than pixels.
  void take_factors(Node& conv, ValueId plain) {
    if (!is_sole_reader(plain) || conv.attributes.integer("group", 1) != 1) return;
    const NodeId maker = graph_.value(conv.inputs[0]).producer;
    const Node& product = graph_.node(maker);
    if (product.op != "Mul" || !product.domain.empty()) return;
    const Shape& w = graph_.value(conv.inputs[1]).constant.shape();
    if (element_count(Shape(w.begin() + 2, w.end())) != 1) return;
    const Dims& image = *type_of(conv.inputs[0]).dims;
    const std::optional<Shape> extents = constant_shape(Dims(image.begin() + 2, image.end() - 1));
    if (extents && element_count(*extents) * 2 < static_cast<std::size_t>(w[0])) return;
    for (std::size_t i = 0; i < 2; ++i) {
      const Dims& factors = *type_of(product.inputs[i]).dims;
      const Dims& scaled = *type_of(product.inputs[1 - i]).dims;
      if (scaled != image || factors.size() != image.size() || !(factors[0] == image[0]) ||
          !(factors[1] == image[1]) ||
          !std::all_of(factors.begin() + 2, factors.end() - 1, [](const Dim& dim) { return dim == Dim(1); }))
        continue;
      conv.inputs[0] = product.inputs[1 - i];
      conv.inputs.push_back(product.inputs[i]);
      graph_.erase_node(maker);
      made_.erase(plain);
      return;
    }
  }

  // Asked before anything is moved: whether the kernel takes the convolution, by a node on a type alone.
  bool fits(const Node& node, bool stays_plain) const {
    Graph alone;
    Node copy = node;
    const Type image = stays_plain ? type_of(node.inputs[0]) : blocked_type(node.inputs[0]);
    copy.inputs = {alone.add_input("x", image),
                   alone.add_constant("w", graph_.value(node.inputs[1]).constant)};
    copy.outputs = {alone.add_value("y")};
    return plan_blocked_conv(NodeView(alone, copy, ops_.at(copy))).has_value();
  }

  // With constant statistics: a factor and an addend for each channel, a convolution of single pixels.
  void normalization(NodeId id) {
    const Node& node = graph_.node(id);
    if (!is_made(node.inputs[0]) || node.inputs.size() != 5 ||
        node.attributes.integer("training_mode", 0) != 0)
      return;
    const std::optional<std::int64_t> channels = image_channels(type_of(node.outputs[0]));
    if (!channels) return;
    std::array<std::span<const float>, 4> given;  // scale, bias, mean, variance
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (!graph_.is_constant(node.inputs[i + 1])) return;
      const Tensor& constant = graph_.value(node.inputs[i + 1]).constant;
      if (constant.dtype() != DType::F32 || constant.element_count() != static_cast<std::size_t>(*channels))
        return;
      given[i] = constant.values<float>();
    }
    const double epsilon = static_cast<double>(node.attributes.real("epsilon", 1e-5f));
    Shape shape(type_of(node.outputs[0]).dims->size(), 1);
    shape[0] = *channels;
    Tensor factors(DType::F32, shape), addends(DType::F32, {*channels});
    for (std::size_t c = 0; c < given[0].size(); ++c) {
      const double factor = given[0][c] / std::sqrt(given[3][c] + epsilon);
      factors.values_mutable<float>()[c] = static_cast<float>(factor);
      addends.values_mutable<float>()[c] = static_cast<float>(given[1][c] - given[2][c] * factor);
    }
    Node conv{.domain = "atlas",
              .op = "BlockedConv",
              .name = node.name,
              .inputs = {made_.at(node.inputs[0]), graph_.add_constant("factors", std::move(factors)),
                         graph_.add_constant("addends", std::move(addends))},
              .outputs = node.outputs,
              .attributes = {{"group", *channels}}};
    replace(id, std::move(conv));
  }

  // Whether the node, the only reader of a convolution, now happens there: an activation, a product with or a
  // sum with a number.
  bool joins_convolution(NodeId id) {
    const Node& node = graph_.node(id);
    if ((node.op != "Relu" && node.op != "Mul" && node.op != "Add") ||
        !image_channels(type_of(node.outputs[0])))
      return false;
    const std::size_t rank = type_of(node.outputs[0]).dims->size();
    const auto image = std::ranges::find_if(node.inputs, [&](ValueId input) { return is_made(input); });
    if (image == node.inputs.end() || !is_sole_reader(*image)) return false;
    const ValueId blocked = made_.at(*image);
    NodeId maker = graph_.value(blocked).producer;
    if (graph_.node(maker).op == "BlockedDepthToSpace")
      maker = graph_.value(graph_.node(maker).inputs[0]).producer;
    Node& conv = graph_.node(maker);
    if (conv.op != "BlockedConv") return false;
    float factor = conv.attributes.real("factor", 1), addend = conv.attributes.real("addend", 0);
    if (node.op == "Relu") {
      if (factor != 1 || addend != 0 || conv.attributes.has("activation")) return false;
      conv.attributes.set("activation", std::string("Relu"));
    } else {
      const ValueId other = node.inputs[node.inputs[0] == *image ? 1 : 0];
      if (!is_number(other, rank)) return false;
      const float number = graph_.value(other).constant.values<float>()[0];
      if (node.op == "Mul") factor *= number;
      addend = node.op == "Mul" ? addend * number : addend + number;
      conv.attributes.set("factor", factor);
      conv.attributes.set("addend", addend);
    }
    made_.emplace(node.outputs[0], blocked);
    graph_.erase_node(id);
    return true;
  }

  bool is_sole_reader(ValueId plain) const {
    return consumers_[index(plain)].size() == 1 &&
           std::ranges::find(graph_.outputs, plain) == graph_.outputs.end();
  }

  void of_one(NodeId id) {
    Node node = graph_.node(id);
    if (!is_made(node.inputs[0]) || !image_channels(type_of(node.outputs[0]))) return;
    node.inputs[0] = made_.at(node.inputs[0]);
    replace(id, std::move(node));
  }

  void of_two(NodeId id) {
    Node node = graph_.node(id);
    const std::optional<std::int64_t> channels = image_channels(type_of(node.outputs[0]));
    if (!channels || node.inputs.size() != 2 ||
        std::ranges::none_of(node.inputs, [&](ValueId input) { return is_made(input); }))
      return;
    const std::size_t rank = type_of(node.outputs[0]).dims->size();
    if (!std::ranges::all_of(node.inputs, [&](ValueId input) { return can_join(input, rank, *channels); }))
      return;
    for (ValueId& input : node.inputs) input = joined(input, rank);
    replace(id, std::move(node));
  }

  // An operand that stands beside a blocked image of `channels`: a number, one value for each channel, or an
  // image of as many.
  bool can_join(ValueId value, std::size_t rank, std::int64_t channels) const {
    if (is_number(value, rank)) return true;
    const std::optional<Shape> constant = channel_constant(value, rank);
    if (constant) return (*constant)[1] == channels;
    const Type& type = type_of(value);
    return image_channels(type) == channels && type.dims->size() == rank;
  }

  ValueId joined(ValueId value, std::size_t rank) {
    if (is_number(value, rank)) return value;
    const std::optional<Shape> shape = channel_constant(value, rank);
    return shape ? blocked_constant(value, *shape) : blocked(value);
  }

  bool is_number(ValueId value, std::size_t rank) const {
    return graph_.is_constant(value) && graph_.value(value).constant.element_count() == 1 &&
           graph_.value(value).constant.rank() <= rank;
  }

  // The shape [1, C, 1, ...] of a constant that has a value for each channel of an image of that rank.
  std::optional<Shape> channel_constant(ValueId value, std::size_t rank) const {
    if (!graph_.is_constant(value)) return std::nullopt;
    Shape shape = graph_.value(value).constant.shape();
    if (shape.size() > rank || shape.size() + 1 < rank) return std::nullopt;
    shape.insert(shape.begin(), rank - shape.size(), 1);
    const bool fits = std::ranges::count(shape, 1) >= static_cast<std::ptrdiff_t>(rank - 1) && shape[1] > 1;
    return fits ? std::optional(shape) : std::nullopt;
  }

  ValueId blocked_constant(ValueId value, Shape shape) {
    const std::span<const float> from = graph_.value(value).constant.values<float>();
    const std::int64_t blocks = (shape[1] + kBlock - 1) / kBlock;
    shape[1] = blocks;
    shape.push_back(kBlock);
    Tensor out(DType::F32, shape);
    const std::span<float> to = out.values_mutable<float>();
    std::ranges::fill(to, 0.0f);
    std::ranges::copy(from, to.begin());
    return graph_.add_constant(graph_.value(value).name + "/blocked", std::move(out));
  }

  void pooling(NodeId id) {
    Node node = graph_.node(id);
    if (!is_made(node.inputs[0]) || !image_channels(type_of(node.outputs[0]))) return;
    node.domain = "atlas";
    node.op = node.op == "MaxPool" ? "BlockedMaxPool" : "BlockedAveragePool";
    node.attributes.erase("storage_order");
    node.inputs[0] = made_.at(node.inputs[0]);
    if (has_kernel(node)) replace(id, std::move(node));
  }

  void global_average(NodeId id) {
    Node node = graph_.node(id);
    if (!is_made(node.inputs[0]) || !image_channels(type_of(node.outputs[0]))) return;
    std::vector<std::int64_t> axes;
    for (std::size_t i = 2; i < type_of(node.inputs[0]).dims->size(); ++i)
      axes.push_back(static_cast<std::int64_t>(i));
    node.op = "ReduceMean";
    node.inputs = {made_.at(node.inputs[0]), graph_.add_constant("spatial_axes", Tensor::of_ints(axes))};
    replace(id, std::move(node));
  }

  static bool is_along_channels(const Node& node, const Type& image) {
    const std::int64_t axis = node.attributes.integer("axis", 0);
    return axis == 1 || axis == 1 - static_cast<std::int64_t>(image.dims->size());
  }

  // Whole blocks stay what they are; others are put together anew.
  void concat(NodeId id) {
    Node node = graph_.node(id);
    if (!image_channels(type_of(node.outputs[0]))) return;
    if (!is_along_channels(node, type_of(node.outputs[0]))) return;
    std::vector<std::int64_t> channels;
    for (const ValueId input : node.inputs) {
      const std::optional<std::int64_t> own = image_channels(type_of(input));
      if (!own) return;
      channels.push_back(*own);
    }
    if (std::ranges::none_of(node.inputs, [&](ValueId input) { return is_made(input); })) return;
    for (ValueId& input : node.inputs) input = blocked(input);
    const bool whole = std::all_of(channels.begin(), channels.end() - 1,
                                   [](std::int64_t count) { return count % kBlock == 0; });
    node.attributes = whole ? Attributes{{"axis", std::int64_t{1}}} : Attributes{{"channels", channels}};
    if (!whole) {
      node.domain = "atlas";
      node.op = "BlockedConcat";
    }
    replace(id, std::move(node));
  }

  // Into whole blocks, but for the last part.
  void split(NodeId id) {
    Node node = graph_.node(id);
    if (node.inputs.empty() || !is_made(node.inputs[0])) return;
    if (!is_along_channels(node, type_of(node.inputs[0]))) return;
    std::vector<std::int64_t> sizes;
    for (const ValueId output : node.outputs) {
      const std::optional<std::int64_t> channels =
          output == ValueId::None ? std::nullopt : image_channels(type_of(output));
      if (!channels || (sizes.size() + 1 < node.outputs.size() && *channels % kBlock != 0)) return;
      sizes.push_back((*channels + kBlock - 1) / kBlock);
    }
    node.inputs = {made_.at(node.inputs[0]), graph_.add_constant("blocks", Tensor::of_ints(sizes))};
    node.attributes = {{"axis", std::int64_t{1}}};
    replace(id, std::move(node));
  }

  // Of whole blocks, but for the last one.
  void slice(NodeId id) {
    Node node = graph_.node(id);
    if (!is_made(node.inputs[0]) || !image_channels(type_of(node.outputs[0])) || node.inputs.size() < 4 ||
        std::any_of(node.inputs.begin() + 1, node.inputs.end(),
                    [&](ValueId input) { return input != ValueId::None && !graph_.is_constant(input); }))
      return;
    const auto number = [&](std::size_t i) -> std::optional<std::int64_t> {
      const std::vector<std::int64_t> numbers = to_ints(graph_.value(node.inputs[i]).constant);
      return numbers.size() == 1 ? std::optional(numbers[0]) : std::nullopt;
    };
    if (number(3) != 1 || (has_input(node, 4) && number(4) != 1) || !number(1) || !number(2)) return;
    const std::int64_t channels = *image_channels(type_of(node.inputs[0]));
    const std::int64_t begin = *number(1), end = std::min(*number(2), channels);
    if (begin < 0 || begin % kBlock != 0 || end <= begin || (end % kBlock != 0 && end != channels)) return;
    const auto constant = [&](std::int64_t value) {
      return graph_.add_constant("block", Tensor::of_ints(std::array{value}));
    };
    node.inputs = {made_.at(node.inputs[0]), constant(begin / kBlock), constant((end + kBlock - 1) / kBlock),
                   constant(1)};
    replace(id, std::move(node));
  }

  // Windows that do not overlap: a convolution of single pixels gives the pixels of each window, of which an
  // image is put together.
  void transposed_convolution(NodeId id) {
    const Node node = graph_.node(id);
    const ValueId weights = node.inputs.size() > 1 ? node.inputs[1] : ValueId::None;
    const ValueId bias = node.inputs.size() > 2 ? node.inputs[2] : ValueId::None;
    if (!is_made(node.inputs[0]) || weights == ValueId::None || !graph_.is_constant(weights) ||
        (bias != ValueId::None && !graph_.is_constant(bias)) || !image_channels(type_of(node.outputs[0])))
      return;
    const Tensor w = graph_.value(weights).constant;
    if (w.rank() != 4 || w.dtype() != DType::F32 || w.dim(2) != w.dim(3) || !is_tiling(node, w.dim(2)))
      return;
    const std::int64_t channels = w.dim(0), outputs = w.dim(1), size = w.dim(2);
    // A few channels leave the blocks; more fill whole blocks for each pixel of a window.
    const bool leaves = outputs < kFewestChannels;
    const std::int64_t lanes = leaves ? outputs : (outputs + kBlock - 1) / kBlock * kBlock;
    Tensor turned(DType::F32, {size * size * lanes, channels, 1, 1});
    Tensor addends(DType::F32, {size * size * lanes});
    const std::span<float> to = turned.values_mutable<float>(), sums = addends.values_mutable<float>();
    std::ranges::fill(to, 0.0f);
    std::ranges::fill(sums, 0.0f);
    const std::span<const float> from = w.values<float>();
    for (std::int64_t pixel = 0; pixel < size * size; ++pixel)
      for (std::int64_t m = 0; m < outputs; ++m) {
        const auto row = static_cast<std::size_t>(pixel * lanes + m);
        if (bias != ValueId::None)
          sums[row] = graph_.value(bias).constant.values<float>()[static_cast<std::size_t>(m)];
        for (std::int64_t c = 0; c < channels; ++c)
          to[row * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)] =
              from[static_cast<std::size_t>((c * outputs + m) * size * size + pixel)];
      }
    const std::string name = graph_.value(node.outputs[0]).name;  // a copy: adding values moves them
    Dims pixels = *type_of(node.inputs[0]).dims;
    pixels[1] = size * size * lanes;
    const ValueId products =
        graph_.add_value(name + "/pixels", Type::tensor(DType::F32, ops::blocked_dims(pixels)));
    graph_.add_node({.domain = "atlas",
                     .op = "BlockedConv",
                     .name = node.name,
                     .inputs = {made_.at(node.inputs[0]), graph_.add_constant(name + "/turned", turned),
                                graph_.add_constant(name + "/addends", addends)},
                     .outputs = {products}});
    if (!leaves)
      return replace(id, {.domain = "atlas",
                          .op = "BlockedDepthToSpace",
                          .name = node.name,
                          .inputs = {products},
                          .outputs = node.outputs,
                          .attributes = {{"blocksize", size}}});
    const ValueId plain = graph_.add_value(name + "/planes", Type::tensor(DType::F32, pixels));
    graph_.erase_node(id);
    graph_.add_node({.domain = "atlas",
                     .op = "UnblockChannels",
                     .inputs = {products},
                     .outputs = {plain},
                     .attributes = {{"channels", size * size * lanes}}});
    graph_.add_node({.op = "DepthToSpace",
                     .name = node.name,
                     .inputs = {plain},
                     .outputs = node.outputs,
                     .attributes = {{"blocksize", size}, {"mode", std::string("DCR")}}});
  }

  static bool is_tiling(const Node& node, std::int64_t size) {
    const auto all = [&](const char* name, std::int64_t value) {
      return std::ranges::all_of(node.attributes.integers(name),
                                 [&](std::int64_t given) { return given == value; });
    };
    return size > 1 && all("strides", size) && node.attributes.integers("strides").size() == 2 &&
           all("pads", 0) && all("dilations", 1) && all("output_padding", 0) &&
           node.attributes.integer("group", 1) == 1 && !node.attributes.has("output_shape") &&
           node.attributes.string("auto_pad", "NOTSET") == "NOTSET";
  }

  // Along the spatial axes, by constant factors or to constant sizes.
  void resize(NodeId id) {
    Node node = graph_.node(id);
    if (!is_made(node.inputs[0]) || !image_channels(type_of(node.outputs[0])) || node.inputs.size() < 3 ||
        node.attributes.string("coordinate_transformation_mode", "") == "tf_crop_and_resize")
      return;
    const bool by_sizes = has_input(node, 3);
    const ValueId given = node.inputs[by_sizes ? 3 : 2];
    if (given == ValueId::None || !graph_.is_constant(given) ||
        (by_sizes && node.attributes.string("keep_aspect_ratio_policy", "stretch") != "stretch"))
      return;
    const Dims& image = *type_of(node.inputs[0]).dims;
    const Tensor& constant = graph_.value(given).constant;
    const std::vector<std::size_t> axes = ops::resized_axes(node, image.size());
    const std::vector<double> extents = to_doubles(constant);
    if (axes.size() != extents.size()) return;
    std::vector<std::int64_t> spatial_axes, sizes;
    std::vector<float> scales;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (axes[i] < 2) {
        const bool stays =
            by_sizes ? image[axes[i]] == Dim(static_cast<std::int64_t>(extents[i])) : extents[i] == 1;
        if (!stays) return;
        continue;
      }
      spatial_axes.push_back(static_cast<std::int64_t>(axes[i]));
      sizes.push_back(static_cast<std::int64_t>(extents[i]));
      scales.push_back(static_cast<float>(extents[i]));
    }
    node.inputs = {made_.at(node.inputs[0]), ValueId::None};
    const std::string name = graph_.value(given).name + "/spatial";
    if (by_sizes) {
      node.inputs.push_back(ValueId::None);
      node.inputs.push_back(graph_.add_constant(name, Tensor::of_ints(sizes)));
    } else {
      const Shape shape = {static_cast<std::int64_t>(scales.size())};
      node.inputs.push_back(graph_.add_constant(name, Tensor::of<float>(shape, scales)));
    }
    node.attributes.set("axes", spatial_axes);
    replace(id, std::move(node));
  }

  Graph& graph_;
  const OpRegistry& ops_;
  Precision precision_;
  std::vector<std::vector<NodeId>> consumers_;  // of the values that were there at first
  std::map<ValueId, ValueId> made_;   // plain value: its blocked form, which a node makes in its stead
  std::map<ValueId, ValueId> moved_;  // plain value: its blocked form, made from it
};

}  // namespace

void assign_blocked_layout(Graph& graph, const OpRegistry& ops, Precision precision) {
  LayoutAssigner(graph, ops, precision).run();
}

}  // namespace atlas::cpu

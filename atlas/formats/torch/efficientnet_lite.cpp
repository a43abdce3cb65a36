// Stages of inverted bottlenecks between a stem and a head; widths are those of the weights.
#include "atlas/formats/torch/efficientnet_lite.h"

#include <fmt/core.h>

#include <map>

#include "atlas/base/error.h"
#include "atlas/graph/builder.h"

namespace atlas {
namespace {

struct Stage {
  int blocks;
  std::int64_t kernel;
  std::int64_t stride;  // of its first block
};

constexpr Stage kStages[] = {{1, 3, 1}, {2, 3, 2}, {2, 5, 2}, {3, 3, 2}, {3, 5, 1}, {4, 5, 2}, {1, 3, 1}};
constexpr float kEpsilon = 1e-3f;

class Network {
 public:
  explicit Network(const NamedTensors& weights) : weights_(weights.begin(), weights.end()), build_(graph_) {
    graph_.name = "efficientnet-lite0";
  }

  Graph built(std::int64_t side) {
    ValueId x = graph_.add_input("image", Type::tensor(DType::F32, dims_of({1, 3, side, side})));
    channels_ = 3;
    x = activated(convolved(x, "_conv_stem", "_bn0", 3, 2));
    int number = 0;
    for (const Stage& stage : kStages)
      for (int i = 0; i < stage.blocks; ++i)
        x = block(x, fmt::format("_blocks.{}.", number++), stage.kernel, i == 0 ? stage.stride : 1);
    x = activated(convolved(x, "_conv_head", "_bn1", 1, 1));
    x = build_.op("Flatten", {build_.op("GlobalAveragePool", {x})});
    const Tensor& last = weight("_fc.weight");
    require(last.rank() == 2 && last.dim(1) == channels_ && last.dim(0) > 0,
            "efficientnet-lite0: _fc.weight: expected f32[classes,{}], got {}", channels_, text(last));
    const Tensor& bias = weight("_fc.bias", {last.dim(0)});
    x = build_.op("Gemm", {x, build_.constant(last), build_.constant(bias)}, {{"transB", std::int64_t{1}}});
    graph_.rename(x, "logits");
    graph_.outputs.push_back(x);
    return std::move(graph_);
  }

 private:
  const Tensor& weight(const std::string& name) const {
    const auto found = weights_.find(name);
    require(found != weights_.end() && found->second.dtype() == DType::F32,
            "efficientnet-lite0: expected a weight '{}' of f32, got {}", name,
            found == weights_.end() ? "none" : text(found->second));
    return found->second;
  }
  const Tensor& weight(const std::string& name, const Shape& shape) const {
    const Tensor& out = weight(name);
    require(out.shape() == shape, "efficientnet-lite0: {}: expected f32{}, got {}", name, text(shape),
            text(out));
    return out;
  }

  /// A convolution without bias and the batch norm behind it. One weight a channel and filter is depthwise.
  ValueId convolved(ValueId x, const std::string& convolution, const std::string& norm, std::int64_t kernel,
                    std::int64_t stride) {
    const Tensor& filters = weight(convolution + ".weight");
    const bool is_depthwise = filters.rank() == 4 && filters.dim(1) == 1 && channels_ > 1;
    const std::int64_t group = is_depthwise ? channels_ : 1;
    const std::int64_t out = filters.rank() == 4 ? filters.dim(0) : 0;
    require(out > 0 && filters.shape() == Shape{out, channels_ / group, kernel, kernel} && out % group == 0,
            "efficientnet-lite0: {}.weight: expected f32[filters,{},{},{}], got {}", convolution,
            channels_ / group, kernel, kernel, text(filters));
    channels_ = out;
    x = build_.op("Conv", {x, build_.constant(filters)},
                  {{"auto_pad", std::string("SAME_UPPER")},
                   {"group", group},
                   {"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
                   {"strides", std::vector<std::int64_t>{stride, stride}}});
    std::vector<ValueId> inputs{x};
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      inputs.push_back(build_.constant(weight(norm + part, {out})));
    return build_.op("BatchNormalization", std::move(inputs), {{"epsilon", kEpsilon}});
  }

  ValueId activated(ValueId x) { return build_.op("Clip", {x, build_.scalar(0), build_.scalar(6)}); }

  ValueId block(ValueId x, const std::string& name, std::int64_t kernel, std::int64_t stride) {
    const ValueId before = x;
    const std::int64_t channels_before = channels_;
    if (weights_.contains(name + "_expand_conv.weight"))
      x = activated(convolved(x, name + "_expand_conv", name + "_bn0", 1, 1));
    x = activated(convolved(x, name + "_depthwise_conv", name + "_bn1", kernel, stride));
    x = convolved(x, name + "_project_conv", name + "_bn2", 1, 1);
    return stride == 1 && channels_ == channels_before ? build_.op("Add", {x, before}) : x;
  }

  std::map<std::string, Tensor> weights_;
  Graph graph_;
  GraphBuilder build_;
  std::int64_t channels_ = 0;
};

}  // namespace

Graph efficientnet_lite0(const NamedTensors& weights, std::int64_t side) {
  return Network(weights).built(side);
}

}  // namespace atlas

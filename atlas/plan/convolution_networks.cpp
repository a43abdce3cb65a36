// ResNet: He et al., 2015; ResNeXt: Xie et al., 2016; squeeze and excitation: Hu et al., 2017; EfficientNet:
// Tan and Le, 2019 and 2021; SSD: Liu et al., 2015; feature pyramids: Lin et al., 2016.
#include "atlas/plan/convolution_networks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace atlas {
namespace {

// Follows a picture through the layers.
class Builder {
 public:
  Builder(std::string_view name, double batch, double channels, double size) : c(channels), size(size) {
    network.name = name;
    network.samples = batch;
  }

  double elements() const { return network.samples * c * size * size; }

  void conv(const std::string& name, double out, double kernel, double stride = 1, double groups = 1) {
    Convolution op;
    op.batch = network.samples;
    op.in_channels = c;
    op.out_channels = out;
    op.kernel_h = op.kernel_w = kernel;
    op.in_h = op.in_w = size;
    op.stride = stride;
    op.groups = groups;
    size = std::ceil(size / stride);
    op.out_h = op.out_w = size;
    add({name, op, 1, out * c / groups * kernel * kernel, false, network.layers.empty()});
    c = out;
  }
  void batch_norm(const std::string& name) { add({name, Pointwise{elements(), 1, 2, 4}, 1, 2 * c}); }
  void activation(const std::string& name) { add({name, Pointwise{elements(), 1, 1, 2}}); }
  void residual(const std::string& name) { add({name, Pointwise{elements(), 2, 2, 2}}); }
  void block(const std::string& name, double out, double kernel, double stride = 1, double groups = 1) {
    conv(name, out, kernel, stride, groups);
    batch_norm(name + ".norm");
    activation(name + ".act");
  }
  void max_pool() {
    size = std::ceil(size / 2);
    add({"pool", Pointwise{elements(), 4, 4, 5}});
  }
  // One number per channel: reads all of a picture, writes next to nothing.
  void squeeze(const std::string& name) {
    add({name, Pointwise{network.samples * c, size * size, size * size, 1}});
  }
  // Channels weighted by what two small products make of their means.
  void excite(const std::string& name, double inner) {
    squeeze(name + ".squeeze");
    product(name + ".reduce", inner, c);
    product(name + ".expand", c, inner);
    add({name + ".scale", Pointwise{elements(), 1, 1, 3}});
  }
  void product(const std::string& name, double n, double k) {
    add({name, Gemm{1, network.samples, n, k}, 1, n * (k + 1)});
  }
  void classifier(double classes) {
    squeeze("pool");
    product("classifier", classes, c);
    add({"loss", Pointwise{network.samples * classes, 1, 2, 1}, 1, 0, true});
  }
  void add(Layer layer) { network.layers.push_back(std::move(layer)); }

  Network network;
  double c;
  double size;
};

struct ResNet {
  std::array<int, 4> blocks;
  double width;   // of the first stage's inner convolutions
  double groups;  // of the 3 x 3 ones
  bool excites;
};

constexpr ResNet kResNet50{{3, 4, 6, 3}, 64, 1, false};
constexpr ResNet kResNext101{{3, 4, 23, 3}, 128, 32, false};
constexpr ResNet kSeResNext101{{3, 4, 23, 3}, 128, 32, true};

void bottleneck(Builder& net, const std::string& name, double inner, double out, double stride,
                const ResNet& kind) {
  const double from = net.c;
  const double size = net.size;
  net.block(name + ".conv1", inner, 1);
  net.block(name + ".conv2", inner, 3, stride, kind.groups);
  net.conv(name + ".conv3", out, 1);
  net.batch_norm(name + ".conv3.norm");
  if (kind.excites) net.excite(name + ".se", out / 16);
  if (from != out) {
    Builder side("", net.network.samples, from, size);
    side.conv(name + ".down", out, 1, stride);
    side.batch_norm(name + ".down.norm");
    side.network.layers.front().first = false;
    for (Layer& layer : side.network.layers) net.add(std::move(layer));
  }
  net.residual(name + ".add");
  net.activation(name + ".act");
}

// Stages 1 to `stages`; the stride of the last may be left out.
void resnet_body(Builder& net, const ResNet& kind, int stages, bool last_strides = true) {
  net.block("conv1", 64, 7, 2);
  net.max_pool();
  for (int stage = 0; stage < stages; ++stage) {
    const double scale = 1 << stage;
    for (int block = 0; block < kind.blocks[static_cast<std::size_t>(stage)]; ++block) {
      const bool strides = block == 0 && stage > 0 && (last_strides || stage + 1 < stages);
      bottleneck(net, fmt::format("stage{}.{}", stage + 1, block + 1), kind.width * scale, 256 * scale,
                 strides ? 2 : 1, kind);
    }
  }
}

Network resnet(std::string_view name, const ResNet& kind, double batch, double size) {
  Builder net(name, batch, 3, size);
  resnet_body(net, kind, 4);
  net.classifier(1000);
  return std::move(net.network);
}

struct Stage {
  double expand;
  double kernel;
  double stride;
  double channels;
  int repeats;
  bool depthwise;  // else one 3 x 3 convolution expands
};

constexpr Stage kEfficientNet[] = {{1, 3, 1, 16, 1, true}, {6, 3, 2, 24, 2, true},  {6, 5, 2, 40, 2, true},
                                   {6, 3, 2, 80, 3, true}, {6, 5, 1, 112, 3, true}, {6, 5, 2, 192, 4, true},
                                   {6, 3, 1, 320, 1, true}};
constexpr Stage kEfficientNetV2S[] = {{1, 3, 1, 24, 2, false}, {4, 3, 2, 48, 4, false},
                                      {4, 3, 2, 64, 4, false}, {4, 3, 2, 128, 6, true},
                                      {6, 3, 1, 160, 9, true}, {6, 3, 2, 256, 15, true}};

double rounded(double channels) {
  const double out = std::max(8.0, std::floor((channels + 4) / 8) * 8);
  return out < 0.9 * channels ? out + 8 : out;
}

void inverted_bottleneck(Builder& net, const std::string& name, const Stage& stage, double stride, double out,
                         bool wide) {
  const double from = net.c;
  const double inner = from * stage.expand;
  if (!stage.depthwise) {
    net.block(name + ".expand", stage.expand == 1 ? out : inner, 3, stride);
  } else {
    if (stage.expand != 1) net.block(name + ".expand", inner, 1);
    net.block(name + ".depthwise", inner, stage.kernel, stride, inner);
    net.excite(name + ".se", (wide ? inner : from) / 4);
  }
  if (stage.depthwise || stage.expand != 1) {
    net.conv(name + ".project", out, 1);
    net.batch_norm(name + ".project.norm");
  }
  if (stride == 1 && from == out) net.residual(name + ".add");
}

Network efficientnet(std::string_view name, std::span<const Stage> stages, double stem, double width,
                     double depth, bool wide, double head, double batch, double size) {
  Builder net(name, batch, 3, size);
  net.block("stem", rounded(stem * width), 3, 2);
  int number = 0;
  for (const Stage& stage : stages) {
    ++number;
    const int repeats = static_cast<int>(std::ceil(stage.repeats * depth));
    for (int i = 0; i < repeats; ++i)
      inverted_bottleneck(net, fmt::format("stage{}.{}", number, i + 1), stage, i == 0 ? stage.stride : 1,
                          rounded(stage.channels * width), wide);
  }
  net.block("head", rounded(head * width), 1);
  net.classifier(1000);
  return std::move(net.network);
}

// Boxes and classes of each place, by one 3 x 3 convolution each.
void detect(Builder& net, const std::string& name, double boxes, double classes) {
  const double c = net.c;
  for (const double out : {boxes * 4, boxes * classes}) {
    net.c = c;
    net.conv(name, out, 3);
  }
  net.c = c;
}

Network ssd300(std::string_view name, double batch, double size) {
  Builder net(name, batch, 3, size);
  resnet_body(net, kResNet50, 3, false);
  constexpr double kInner[] = {256, 256, 128, 128, 128};
  constexpr double kOut[] = {512, 512, 256, 256, 256};
  constexpr double kBoxes[] = {4, 6, 6, 6, 4, 4};
  detect(net, "detect0", kBoxes[0], 81);
  for (int i = 0; i < 5; ++i) {
    net.block(fmt::format("extra{}.1", i + 1), kInner[i], 1);
    net.block(fmt::format("extra{}.2", i + 1), kOut[i], 3, i < 3 ? 2 : 1);
    if (i >= 3) net.size -= 2;  // the last two have no padding
    detect(net, fmt::format("detect{}", i + 1), kBoxes[i + 1], 81);
  }
  return std::move(net.network);
}

// Five levels, strides 8 to 128; four shared convolutions stand before the boxes and before the classes.
Network ssd320_fpn(std::string_view name, double batch, double size) {
  Builder net(name, batch, 3, size);
  resnet_body(net, kResNet50, 4);
  for (int level = 3; level <= 7; ++level) {
    const std::string at = fmt::format("level{}", level);
    net.size = std::ceil(size / (1 << level));
    if (level <= 5) {
      net.c = 256.0 * (1 << (level - 2));
      net.conv(at + ".lateral", 256, 1);
      net.residual(at + ".add");
    }
    net.c = 256;
    net.conv(at + ".smooth", 256, 3);
    for (const double out : {6.0 * 4, 6.0 * 90}) {
      for (int i = 0; i < 4; ++i) net.block(at + ".head", 256, 3);
      net.conv(at + ".predict", out, 3);
      net.c = 256;
    }
  }
  return std::move(net.network);
}

struct Entry {
  std::string_view name;
  double size;
  Network (*make)(std::string_view name, double batch, double size);
};

constexpr Entry kNetworks[] = {
    {"resnet50", 224, [](std::string_view n, double b, double s) { return resnet(n, kResNet50, b, s); }},
    {"resnext101-32x4d", 224,
     [](std::string_view n, double b, double s) { return resnet(n, kResNext101, b, s); }},
    {"se-resnext101-32x4d", 224,
     [](std::string_view n, double b, double s) { return resnet(n, kSeResNext101, b, s); }},
    {"efficientnet-b0", 224,
     [](std::string_view n, double b, double s) {
       return efficientnet(n, kEfficientNet, 32, 1, 1, false, 1280, b, s);
     }},
    {"efficientnet-b4", 380,
     [](std::string_view n, double b, double s) {
       return efficientnet(n, kEfficientNet, 32, 1.4, 1.8, false, 1280, b, s);
     }},
    {"efficientnet-widese-b0", 224,
     [](std::string_view n, double b, double s) {
       return efficientnet(n, kEfficientNet, 32, 1, 1, true, 1280, b, s);
     }},
    {"efficientnet-widese-b4", 380,
     [](std::string_view n, double b, double s) {
       return efficientnet(n, kEfficientNet, 32, 1.4, 1.8, true, 1280, b, s);
     }},
    {"efficientnetv2-s", 384,
     [](std::string_view n, double b, double s) {
       return efficientnet(n, kEfficientNetV2S, 24, 1, 1, false, 1280, b, s);
     }},
    {"ssd300-resnet50", 300, ssd300},
    {"ssd320-resnet50-fpn", 320, ssd320_fpn},
};

}  // namespace

std::vector<std::string> convolution_network_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kNetworks) names.emplace_back(entry.name);
  return names;
}

std::optional<Network> convolution_network(std::string_view name, double batch, double size) {
  const auto* entry = std::ranges::find(kNetworks, name, &Entry::name);
  if (entry == std::end(kNetworks)) return std::nullopt;
  return entry->make(name, batch, size > 0 ? size : entry->size);
}

}  // namespace atlas

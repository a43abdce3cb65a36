#include "atlas/plan/convolution_networks.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atlas {
namespace {

double multiplications(const Network& network) {
  double total = 0;
  for (const Layer& layer : network.layers) {
    if (const auto* op = std::get_if<Convolution>(&layer.sizes))
      total += op->batch * op->out_channels * op->out_h * op->out_w * op->in_channels / op->groups *
               op->kernel_h * op->kernel_w;
    if (const auto* op = std::get_if<Gemm>(&layer.sizes)) total += op->m * op->n * op->k;
  }
  return total;
}

struct Published {
  const char* name;
  double parameters;  // as their papers and reference implementations count them
  double multiplications;
};

TEST(ConvolutionNetworks, HaveTheSizesOfTheirPapers) {
  for (const Published& net :
       {Published{"resnet50", 25.557e6, 4.09e9}, Published{"resnext101-32x4d", 44.18e6, 7.99e9},
        Published{"se-resnext101-32x4d", 48.96e6, 8.0e9}, Published{"efficientnet-b0", 5.29e6, 0.386e9},
        Published{"efficientnet-b4", 19.34e6, 4.39e9}, Published{"efficientnetv2-s", 21.46e6, 8.37e9}}) {
    const Network network = *convolution_network(net.name, 1, 0);
    EXPECT_NEAR(network.parameters() / net.parameters, 1, 0.01) << net.name;
    EXPECT_NEAR(multiplications(network) / net.multiplications, 1, 0.03) << net.name;
  }
}

// 64 x 3 x 7 x 7 numbers, two per channel of the norm.
TEST(ConvolutionNetworks, BeginWithTheirStem) {
  const Network network = *convolution_network("resnet50", 2, 0);
  const auto& stem = std::get<Convolution>(network.layers[0].sizes);
  EXPECT_EQ(network.layers[0].parameters, 64 * 3 * 49);
  EXPECT_TRUE(network.layers[0].first);
  EXPECT_EQ(stem.batch, 2);
  EXPECT_EQ(stem.out_h, 112);
  EXPECT_EQ(network.layers[1].parameters, 128);
  EXPECT_EQ(std::get<Pointwise>(network.layers[1].sizes).elements, 2.0 * 64 * 112 * 112);
}

// Work grows with the pictures, and with the batch.
TEST(ConvolutionNetworks, TakePicturesOfOtherSizes) {
  const double once = multiplications(*convolution_network("resnet50", 1, 224));
  EXPECT_NEAR(multiplications(*convolution_network("resnet50", 3, 448)) / once, 12, 0.02);
}

// 38 x 38 x 4 + 19 x 19 x 6 + ... = 8732 boxes, as in the paper.
TEST(ConvolutionNetworks, SsdHasItsBoxes) {
  double boxes = 0;
  const std::optional<Network> network = convolution_network("ssd300-resnet50", 1, 0);
  for (const Layer& layer : network->layers) {
    const auto* op = std::get_if<Convolution>(&layer.sizes);
    if (op && layer.name.starts_with("detect") && std::fmod(op->out_channels, 81) != 0)
      boxes += op->out_h * op->out_w * op->out_channels / 4;
  }
  EXPECT_EQ(boxes, 8732);
}

TEST(ConvolutionNetworks, EveryNameMakesOne) {
  for (const std::string& name : convolution_network_names())
    EXPECT_TRUE(convolution_network(name, 1, 0)) << name;
  EXPECT_FALSE(convolution_network("resnet51", 1, 0));
}

}  // namespace
}  // namespace atlas

#include <gtest/gtest.h>

#include "atlas/ops/op_harness_test.h"

namespace atlas {
namespace {

// Two channels of two positions, and the block they fill the beginning of.
const Tensor kPlain = Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4});

Tensor block(std::vector<float> first, std::vector<float> second) {
  first.resize(16, 0);
  second.resize(16, 0);
  first.insert(first.end(), second.begin(), second.end());
  return Tensor::of<float>({1, 1, 2, 16}, first);
}

std::vector<float> counted(int count) {
  std::vector<float> out;
  for (int i = 0; i < count; ++i) out.push_back(static_cast<float>(i));
  return out;
}

TEST(BlockedChannels, MovesInAndOut) {
  check_cases({
      {"in", "atlas::BlockChannels", {kPlain}, {}, {block({1, 3}, {2, 4})}},
      {"out",
       "atlas::UnblockChannels",
       {block({1, 3, 9}, {2, 4, 9})},
       {{"channels", std::int64_t{2}}},
       {kPlain}},
  });
  check_error({"", "atlas::UnblockChannels", {block({1}, {1})}, {{"channels", std::int64_t{17}}}, {kPlain}},
              "expected [batch, blocks of 17 channels, ..., 16], got [1,1,2,16]");
}

TEST(BlockedChannels, ConvolvesAndPools) {
  const Tensor weights = Tensor::of<float>({1, 2, 1}, {10, 1});
  check_cases({
      {"of a plain image", "atlas::BlockedConv", {kPlain, weights}, {}, {block({13}, {24})}},
      {"of blocks, with a residual",
       "atlas::BlockedConv",
       {block({1, 3}, {2, 4}), weights, Tensor::of<float>({1}, {-100}), block({80}, {60})},
       {{"activation", std::string("Relu")}},
       {block({0}, {0})}},
      {"of blocks, activated and scaled",
       "atlas::BlockedConv",
       {block({1, 3}, {2, -40}), weights},
       {{"activation", std::string("Relu")}, {"factor", 2.0f}, {"addend", -1.0f}},
       {block({25}, {-1})}},
      {"of blocks with a factor for each channel",
       "atlas::BlockedConv",
       {block({1, 3}, {2, 4}), weights, Datum(), Datum(),
        Tensor::of<float>({1, 1, 1, 16}, {2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})},
       {},
       {block({29}, {52})}},
      {"maxima",
       "atlas::BlockedMaxPool",
       {block({1, 3}, {2, -4})},
       {{"kernel_shape", std::vector<std::int64_t>{2}}},
       {Tensor::of<float>({1, 1, 1, 16}, {2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})}},
      {"means",
       "atlas::BlockedAveragePool",
       {block({1, 3}, {2, -4})},
       {{"kernel_shape", std::vector<std::int64_t>{2}}},
       {Tensor::of<float>({1, 1, 1, 16}, {1.5f, -0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})}},
  });
}

TEST(BlockedChannels, JoinAndSpread) {
  check_cases({
      {"two and one channels",
       "atlas::BlockedConcat",
       {block({1, 3}, {2, 4}), block({5}, {6})},
       {{"channels", std::vector<std::int64_t>{2, 1}}},
       {block({1, 3, 5}, {2, 4, 6})}},
      {"four blocks to one of twice the size",
       "atlas::BlockedDepthToSpace",
       {Tensor::of<float>({1, 4, 1, 1, 16}, counted(64))},
       {{"blocksize", std::int64_t{2}}},
       {Tensor::of<float>({1, 1, 2, 2, 16}, counted(64))}},
  });
}

}  // namespace
}  // namespace atlas

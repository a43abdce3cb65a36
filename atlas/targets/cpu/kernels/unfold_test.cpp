// Windows written out, with padding, strides and dilations.
#include "atlas/targets/cpu/kernels/unfold.h"

#include <gmock/gmock.h>

namespace atlas::cpu {
namespace {

using testing::ElementsAre;

std::vector<std::uint8_t> unfolded(const ConvShape& shape, std::size_t channels,
                                   const std::vector<std::uint8_t>& images) {
  ThreadPool pool(2);
  std::vector<std::uint8_t> to(channels * volume(shape.kernel) * volume(shape.output()));
  unfold(shape, channels, images.data(), 9, to.data(), pool);
  return to;
}

TEST(Unfold, FillsPadding) {
  ConvShape shape;
  shape.input = {1, 1, 3};
  shape.kernel = {1, 1, 2};
  shape.pad_begin = {0, 0, 1};
  EXPECT_THAT(unfolded(shape, 1, {1, 2, 3}), ElementsAre(9, 1, 2, 1, 2, 3));
}

TEST(Unfold, StepsByStrideAndDilation) {
  ConvShape shape;
  shape.input = {1, 3, 3};
  shape.kernel = {1, 2, 2};
  shape.dilation = {1, 2, 1};
  shape.stride = {1, 1, 2};
  shape.pad_end = {0, 0, 1};
  EXPECT_THAT(unfolded(shape, 1, {1, 2, 3, 4, 5, 6, 7, 8, 0}), ElementsAre(1, 3, 2, 9, 7, 0, 8, 9));
}

TEST(Unfold, TakesChannelsInTurn) {
  ConvShape shape;
  shape.input = {1, 1, 2};
  EXPECT_THAT(unfolded(shape, 2, {1, 2, 3, 4}), ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace atlas::cpu

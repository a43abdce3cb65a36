// Checkpoints that PyTorch wrote (tools/make_torch_golden), and what can be wrong with one.
#include "atlas/formats/torch/state_dict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/formats/torch/efficientnet_lite.h"
#include "atlas/tensor/elements.h"

namespace atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kFolder =
    std::filesystem::path(ATLAS_SOURCE_DIR) / "atlas/formats/torch/testdata";

std::map<std::string, Tensor> tensors(const char* file) {
  const NamedTensors read = read_state_dict(kFolder / file);
  return {read.begin(), read.end()};
}

template <typename Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(StateDict, ReadsBothContainers) {
  for (const char* file : {"archive.pth", "stream.pth"}) {
    auto read = tensors(file);
    ASSERT_EQ(read.size(), 9u) << file;
    EXPECT_EQ(read["plain"].shape(), (Shape{3, 4}));
    EXPECT_THAT(to_doubles(read["plain"]), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    EXPECT_THAT(to_doubles(read["transposed"]), ElementsAre(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
    EXPECT_THAT(to_doubles(read["part"]), ElementsAre(6, 7, 10, 11));
    EXPECT_EQ(read["half"].dtype(), DType::F16);
    EXPECT_THAT(to_doubles(read["half"]), ElementsAre(0.5, -2));
    EXPECT_THAT(to_doubles(read["brain"]), ElementsAre(1.5));
    EXPECT_THAT(to_ints(read["count"]), ElementsAre(7));
    EXPECT_EQ(read["count"].rank(), 0u);
    EXPECT_THAT(to_ints(read["flags"]), ElementsAre(1, 0));
    EXPECT_EQ(read["none"].shape(), (Shape{0, 3}));
    EXPECT_THAT(to_doubles(read["parameter"]), ElementsAre(3));
  }
}

TEST(StateDict, FindsTheOneInsideACheckpoint) {
  auto read = tensors("nested.pth");
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read["weight"].shape(), (Shape{1, 2}));
  EXPECT_EQ(read["bias"].shape(), (Shape{1}));
}

TEST(StateDict, RefusesEveryTruncation) {
  for (const char* file : {"archive.pth", "stream.pth"}) {
    const std::vector<std::uint8_t> bytes = read_file(kFolder / file);
    for (std::size_t size = 0; size < bytes.size(); size += 7)
      EXPECT_THROW(parse_state_dict(std::span(bytes).first(size), file), Error) << file << " " << size;
  }
}

TEST(StateDict, SurvivesEveryChangedByte) {
  std::vector<std::uint8_t> bytes = read_file(kFolder / "stream.pth");
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const std::uint8_t flip : {0x01, 0x80, 0xFF}) {
      bytes[i] ^= flip;
      try {
        parse_state_dict(bytes, "changed");
      } catch (const Error&) {
      }
      bytes[i] ^= flip;
    }
}

TEST(StateDict, KeepsTensorsInsideTheirStorages) {
  // "part" is 2 x 2 from element 6 with strides 4 and 1: its size comes as (K2 K2 tuple) and its offset as
  // K6.
  std::vector<std::uint8_t> bytes = read_file(kFolder / "stream.pth");
  const std::string name = "part";
  const auto at = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  ASSERT_NE(at, bytes.end());
  const std::uint8_t offset[] = {'K', 6, 'K', 2, 'K', 2, 0x86};
  const auto numbers = std::search(at, bytes.end(), std::begin(offset), std::end(offset));
  ASSERT_NE(numbers, bytes.end());
  numbers[1] = 7;
  EXPECT_THAT(
      message_of([&] { parse_state_dict(bytes, "moved"); }),
      HasSubstr(
          "moved: part: expected a tensor inside its storage of 12 elements, got one of 4 that reaches 12"));
}

TEST(EfficientNetLite, NamesWhatIsMissing) {
  EXPECT_EQ(message_of([] { efficientnet_lite0({}); }),
            "efficientnet-lite0: expected a weight '_conv_stem.weight' of f32, got none");
  const NamedTensors wrong{{"_conv_stem.weight", Tensor(DType::F32, {32, 3, 5, 5})}};
  EXPECT_EQ(message_of([&] { efficientnet_lite0(wrong); }),
            "efficientnet-lite0: _conv_stem.weight: expected f32[filters,3,3,3], got f32[32,3,5,5]");
}

}  // namespace
}  // namespace atlas

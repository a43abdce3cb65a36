// Extents, pads and taps of sliding windows.
#include "atlas/ops/window_geometry.h"

#include <gtest/gtest.h>

#include "atlas/base/error.h"

namespace atlas::ops {
namespace {

Node node_with(Attributes attributes) {
  Node node;
  node.op = "Pool";
  node.attributes = std::move(attributes);
  return node;
}

using Ints = std::vector<std::int64_t>;

TEST(WindowGeometry, CountsWindowsOfSymbolicImages) {
  const Node node = node_with({{"kernel_shape", Ints{3}}, {"strides", Ints{2}}, {"pads", Ints{1, 1}}});
  const WindowGeometry geometry = read_window(node, 1);
  EXPECT_EQ(geometry.output_extent(0, Dim::symbol("W")), floor_div(Dim::symbol("W") - 1, 2) + 1);
  EXPECT_EQ(window_counts(geometry, Shape{224}, node), Shape{112});
}

TEST(WindowGeometry, CeilModeStartsNoWindowInTheEndPadding) {
  const Node node = node_with({{"kernel_shape", Ints{1}},
                               {"strides", Ints{2}},
                               {"pads", Ints{0, 1}},
                               {"ceil_mode", std::int64_t{1}}});
  // Windows at 0 and 2; one at 4 would lie in the padding alone.
  EXPECT_EQ(window_counts(read_window(node, 1), Shape{4}, node), Shape{2});
}

TEST(WindowGeometry, AutoPadCentresTheWindows) {
  for (const auto& [mode, begin, end] : {std::tuple{"SAME_UPPER", 0, 1}, std::tuple{"SAME_LOWER", 1, 0}}) {
    const Node node = node_with({{"kernel_shape", Ints{2}}, {"auto_pad", std::string(mode)}});
    const WindowGeometry geometry = read_window(node, 1).with_explicit_pads(Shape{5});
    EXPECT_EQ(window_counts(read_window(node, 1), Shape{5}, node), Shape{5});
    EXPECT_EQ(geometry.pads_begin, Ints{begin}) << mode;
    EXPECT_EQ(geometry.pads_end, Ints{end}) << mode;
  }
}

TEST(WindowGeometry, VisitsTapsInsideTheImage) {
  const Node node =
      node_with({{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{2, 1}}, {"pads", Ints{1, 0, 1, 0}}});
  const WindowGeometry geometry = read_window(node, 2);
  std::vector<std::vector<std::size_t>> images;
  std::vector<std::int64_t> padded;
  for_each_window(geometry, Shape{2, 2}, window_counts(geometry, Shape{2, 2}, node),
                  [&](const Window& window) {
                    images.emplace_back();
                    for (const Tap& tap : window.taps) images.back().push_back(tap.image);
                    padded.push_back(window.padded_points);
                  });
  // Rows -1 and 1, then 0 and 2, of which only 1 and 0 exist.
  EXPECT_EQ(images, (std::vector<std::vector<std::size_t>>{{2, 3}, {0, 1}}));
  EXPECT_EQ(padded, (Ints{4, 4}));
}

std::string message_of(const Node& node, std::size_t rank, const Shape& image) {
  try {
    window_counts(read_window(node, rank), image, node);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(WindowGeometry, RefusesNonsense) {
  EXPECT_EQ(message_of(node_with({}), 1, {5}), "Pool: expected attribute 'kernel_shape'");
  EXPECT_EQ(message_of(node_with({{"kernel_shape", Ints{3}}, {"strides", Ints{0}}}), 1, {5}),
            "Pool: expected numbers from 1 to 2147483647 in 'strides', got 0");
  EXPECT_EQ(message_of(node_with({{"kernel_shape", Ints{3}}, {"pads", Ints{1}}}), 1, {5}),
            "Pool: expected 2 numbers in 'pads', got 1");
  EXPECT_EQ(message_of(node_with({{"kernel_shape", Ints{7}}}), 1, {5}),
            "Pool: expected at least 7 pixels with padding along spatial axis 0, got an image of [5]");
  EXPECT_EQ(message_of(node_with({{"kernel_shape", Ints{3}}, {"auto_pad", std::string("SAME")}}), 1, {5}),
            "Pool: expected NOTSET, SAME_UPPER, SAME_LOWER or VALID as auto_pad, got 'SAME'");
}

}  // namespace
}  // namespace atlas::ops
